"""A small neural network of scikit-learn's: budgets as epochs, without PyTorch."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._recipe import Parameter, Recipe

RECIPE = Recipe(
    id="mlp",
    title="Neural network (scikit-learn)",
    summary="A multilayer perceptron on the CPU: shows what epochs as budgets do, without PyTorch.",
    module="sklearn.neural_network",
    estimators={"classification": "MLPClassifier", "regression": "MLPRegressor"},
    short="mlp",
    names=("neural_network", "perceptron", "multilayer_perceptron"),
    parameters=(
        Parameter("max_iter", "integer", low=1, aliases=("epochs", "n_epochs", "iterations")),
        Parameter(
            "n_layers",
            "integer",
            low=1,
            high=10,
            aliases=("layers", "num_layers", "depth", "n_hidden_layers"),
            argument=False,
        ),
        Parameter(
            "n_units",
            "integer",
            low=1,
            aliases=("units", "n_neurons", "hidden_size", "hidden_units", "width"),
            argument=False,
        ),
        Parameter("learning_rate_init", "number", low=1e-7, high=10.0, aliases=("learning_rate", "lr")),
        Parameter("alpha", "number", low=0.0, aliases=("weight_decay", "l2")),
        Parameter("activation", "choice", choices=("relu", "tanh", "logistic", "identity")),
        Parameter("solver", "choice", choices=("adam", "sgd")),
        Parameter("batch_size", "integer", low=1, code="min({value}, n_fit)"),
        Parameter("momentum", "number", low=0.0, high=1.0),
        Parameter("beta_1", "number", low=0.0, high=0.9999),
        Parameter("beta_2", "number", low=0.0, high=0.99999),
    ),
    extra=lambda names, task: (
        f"hidden_layer_sizes=({'n_units' if 'n_units' in names else '64'},) * "
        f"{'n_layers' if 'n_layers' in names else '2'}",
    ),
    preset=(
        Hyperparameter("n_layers", "integer", low=1, high=3, default=2),
        Hyperparameter("n_units", "integer", low=8, high=128, log=True, default=32),
        Hyperparameter("learning_rate_init", "float", low=1e-4, high=1e-1, log=True, default=1e-3),
        Hyperparameter("alpha", "float", low=1e-6, high=1e-1, log=True, default=1e-4),
        Hyperparameter("activation", "categorical", choices=("relu", "tanh"), default="relu"),
        Hyperparameter("batch_size", "integer", low=16, high=256, log=True, default=32),
    ),
    fixed=("alpha=1e-4",),
    effort="max_iter",
    full_effort=100,
    scaled=True,
    scales_target=True,
    order=55,
)
