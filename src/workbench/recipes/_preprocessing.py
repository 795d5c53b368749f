"""What may be tuned before the model: filling gaps, scaling, categories, the share of features."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter

PREPROCESSING = (
    Parameter(
        "imputation",
        "choice",
        choices=("mean", "median", "most_frequent"),
        aliases=("imputer", "impute", "imputation_strategy", "numeric_imputation", "strategy"),
    ),
    Parameter(
        "scaling",
        "choice",
        choices=("standard", "minmax", "robust", "none"),
        aliases=("scaler", "rescaling", "normalization", "feature_scaling"),
    ),
    Parameter("max_categories", "integer", low=2, aliases=("onehot_max_categories",)),
    Parameter("feature_share", "number", low=0.01, high=1.0, aliases=("selected_share",)),
)

PRESET = (
    Hyperparameter("imputation", "categorical", choices=("mean", "median", "most_frequent"), default="median"),
    Hyperparameter("scaling", "categorical", choices=("standard", "minmax", "robust", "none"), default="standard"),
    Hyperparameter("feature_share", "float", low=0.2, high=1.0, default=1.0),
)
