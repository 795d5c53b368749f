"""Something guards against memorising."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Rule, Seen
from workbench.rules._source import calls as all_calls
from workbench.rules._source import imported, walk

WORDS = (
    "early_stopping", "patience", "weight_decay", "dropout", "Dropout", "l2_regularization", "reg_lambda", "reg_alpha",
    "alpha", "C", "max_depth", "min_samples_leaf", "min_samples_split", "max_leaf_nodes", "ccp_alpha", "subsample",
    "l1_ratio", "min_child_weight", "gamma", "max_features", "penalty", "validation_fraction", "best_loss",
    "best_state", "n_neighbors",
)  # fmt: skip
SAFE = (
    "Forest",
    "ExtraTrees",
    "SVC",
    "SVR",
    "Neighbors",
    "Ridge",
    "Lasso",
    "ElasticNet",
    "Logistic",
    "NB",
    "GaussianProcess",
)


def find(case: Case) -> Iterator[Seen]:
    """Early stopping, regularisation, or a family that regularises itself; heuristics."""
    words = {n.arg for n in walk(case.tree) if isinstance(n, ast.keyword)}
    words |= {n.id for n in walk(case.tree) if isinstance(n, ast.Name)}
    words |= {n.value for n in walk(case.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    made = [name.rpartition(".")[2] for _, name in all_calls(case)]
    if words & set(WORDS) or any(word in name for name in made for word in (*SAFE, *WORDS[:5])):
        return
    line = case.train.lineno if case.train else None
    if any(v.split(".")[0] in ("torch", "tensorflow", "keras") for v in imported(case.tree).values()):
        yield Seen("fail", "the network has no early stopping, dropout or weight decay", line)
    else:
        yield Seen("unknown", "no early stopping or regularisation is recognised", line)


RULE = Rule(
    id="overfitting",
    group="evaluation",
    level={"*": "should"},
    text="Guard against memorising: early stopping, regularisation, or a validation part.",
    find=find,
    order=310,
)
