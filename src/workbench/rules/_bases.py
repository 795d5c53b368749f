"""Good functions, written by hand: what the examples of the rules are lines of."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.nouns import Clause, Condition, Hyperparameter, Space


@dataclass(frozen=True)
class Base:
    """A function that keeps every rule, and the job that it is for."""

    id: str
    title: str
    contract: str
    facade: str
    space: Space
    code: str
    needs: str = ""
    """A module that it imports beyond what the workbench installs."""


FOREST = '''\
"""A random forest for classification or regression of numeric tables."""

import hashlib
import json
from pathlib import Path
from typing import Any, Tuple

import joblib
import numpy as np
import pandas as pd
from ConfigSpace import Configuration
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.compose import ColumnTransformer


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    """Train one configuration; return the error rate on held-out rows, and the model."""
    X, y = dataset["X"], np.asarray(dataset["y"])
    X = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)}; they must be equally long")

    trees = 50 if budget is None else max(1, min(500, round(float(budget))))
    max_depth = max(1, min(30, int(cfg.get("max_depth", 10))))
    max_features = max(0.05, min(1.0, float(cfg.get("max_features", 0.5))))
    bootstrap = bool(cfg.get("bootstrap", True))
    max_samples = max(0.1, min(1.0, float(cfg.get("max_samples", 0.8)))) if bootstrap else None

    stratify = y if np.unique(y, return_counts=True)[1].min() > 1 else None
    X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=stratify)
    numbers = [i for i, kind in enumerate(X.dtypes) if pd.api.types.is_numeric_dtype(kind)]
    words = [i for i in range(X.shape[1]) if i not in numbers]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
    columns = ColumnTransformer(
        [("numbers", SimpleImputer(strategy="median", keep_empty_features=True), numbers), ("words", encoder, words)]
    )
    forest = RandomForestClassifier(
        n_estimators=trees,
        max_depth=max_depth,
        max_features=max_features,
        bootstrap=bootstrap,
        max_samples=max_samples,
        random_state=seed,
    )
    plain = FunctionTransformer(np.asarray, kw_args={"dtype": object})
    model = make_pipeline(plain, columns, forest)
    print(f"growing {trees} trees on {len(X_train)} rows")
    model.fit(X_train, y_train)
    loss = 1.0 - float(accuracy_score(y_valid, model.predict(X_valid)))
    print(f"error rate {loss:.4f}")

    if model_dir is not None:
        values = {name: value.item() if isinstance(value, np.generic) else value for name, value in dict(cfg).items()}
        about = json.dumps({"configuration": values, "seed": seed, "budget": budget, "loss": loss}, sort_keys=True)
        folder = Path(model_dir)
        folder.mkdir(parents=True, exist_ok=True)
        name = "forest-" + hashlib.sha256(about.encode()).hexdigest()[:10]
        joblib.dump(model, folder / f"{name}.joblib")
        (folder / f"{name}.json").write_text(about)
    return loss, model
'''

SCORES = '''\
"""A tree or its neighbours, with all scores, on the test part where there is one."""

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, Union

import joblib
import numpy as np
import pandas as pd
from ConfigSpace import Configuration
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, balanced_accuracy_score, precision_recall_fscore_support
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier


def _numbers(X: Any) -> np.ndarray:
    """Any table as an array of floats; words become codes that follow from their spelling alone."""
    X = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    columns = [
        X[c].to_numpy(dtype=float, na_value=np.nan)
        if pd.api.types.is_numeric_dtype(X[c])
        else pd.util.hash_array(X[c].astype(str).to_numpy(dtype=object)).astype(float) / 2.0**64
        for c in X.columns
    ]
    return np.column_stack(columns)


def train(
    cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None
) -> Dict[str, Union[float, int]]:
    """Train one configuration; return one minus the balanced accuracy, and all scores."""
    X, y = dataset["X"], np.asarray(dataset["y"])
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)}; they must be equally long")

    if dataset.get("X_test") is not None:
        X_fit, y_fit = X, y
        X_held, y_held = dataset["X_test"], np.asarray(dataset["y_test"])
    else:
        stratify = y if np.unique(y, return_counts=True)[1].min() > 1 else None
        X_fit, X_held, y_fit, y_held = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=stratify)

    share = 1.0 if budget is None else max(0.1, min(1.0, float(budget) / 27.0))
    rows = np.random.default_rng(seed).permutation(len(y_fit))[: max(10, round(share * len(y_fit)))]
    X_fit, y_fit = X_fit.iloc[rows] if isinstance(X_fit, pd.DataFrame) else X_fit[rows], y_fit[rows]

    algorithm = str(cfg.get("algorithm", "tree"))
    if algorithm == "tree":
        depth = max(1, min(20, int(cfg.get("depth", 5))))
        model = DecisionTreeClassifier(max_depth=depth, random_state=seed)
    elif algorithm == "neighbours":
        k = max(1, min(len(y_fit), int(cfg.get("k", 5))))
        model = KNeighborsClassifier(n_neighbors=k)
    else:
        raise ValueError(f"algorithm is {algorithm!r}; it must be 'tree' or 'neighbours'")
    numbers = FunctionTransformer(_numbers)
    model = make_pipeline(numbers, SimpleImputer(keep_empty_features=True), StandardScaler(), model)
    print(f"fitting {algorithm} on {len(y_fit)} rows")
    model.fit(X_fit, y_fit)

    predicted = model.predict(X_held)
    precision, recall, f1, _ = precision_recall_fscore_support(y_held, predicted, average="macro", zero_division=0)
    balanced = float(balanced_accuracy_score(y_held, predicted))
    metrics = {
        "loss": 1.0 - balanced,
        "accuracy": float(accuracy_score(y_held, predicted)),
        "balanced_accuracy": balanced,
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
    }
    if model_dir is not None:
        values = {name: value.item() if isinstance(value, np.generic) else value for name, value in dict(cfg).items()}
        about = json.dumps({"configuration": values, "seed": seed, "budget": budget, **metrics}, sort_keys=True)
        folder = Path(model_dir)
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(about.encode()).hexdigest()[:10]
        joblib.dump(model, folder / f"{name}.joblib")
        (folder / f"{name}.json").write_text(about)
    return metrics
'''

NETWORK = '''\
"""A small network for classification, in PyTorch."""

import hashlib
import json
from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pandas as pd
import torch
from ConfigSpace import Configuration
from sklearn.model_selection import train_test_split


def _codes(X: Any) -> np.ndarray:
    """Any table as an array of floats; words become codes that follow from their spelling alone."""
    X = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    columns = [
        X[c].to_numpy(dtype=float, na_value=np.nan)
        if pd.api.types.is_numeric_dtype(X[c])
        else pd.util.hash_array(X[c].astype(str).to_numpy(dtype=object)).astype(float) / 2.0**64
        for c in X.columns
    ]
    return np.column_stack(columns)


class _Model:
    """The network with what goes before and after it."""

    def __init__(self, network: torch.nn.Module, middle: np.ndarray, scale: np.ndarray, classes: np.ndarray) -> None:
        self.network, self.middle, self.scale, self.classes = network, middle, scale, classes

    def inputs(self, X: Any) -> torch.Tensor:
        values = (_codes(X) - self.middle) / self.scale
        return torch.as_tensor(np.nan_to_num(values), dtype=torch.float32)

    def predict(self, X: Any) -> np.ndarray:
        device = next(self.network.parameters()).device
        self.network.eval()
        with torch.no_grad():
            scores = self.network(self.inputs(X).to(device))
        return self.classes[scores.argmax(dim=1).cpu().numpy()]


def train(cfg: Configuration, dataset: Any, seed: int, budget: int = None, model_dir: str = None) -> Tuple[float, Any]:
    """Train one configuration; return the error rate on held-out rows, and the model."""
    X, y = _codes(dataset["X"]), np.asarray(dataset["y"])
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)}; they must be equally long")

    epochs = 20 if budget is None else max(1, min(200, round(float(budget))))
    units = max(2, min(256, int(cfg.get("units", 16))))
    rate = max(1e-5, min(0.5, float(cfg.get("learning_rate", 0.01))))
    decay = max(0.0, min(1.0, float(cfg.get("weight_decay", 1e-4))))

    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    classes, codes = np.unique(y, return_inverse=True)
    stratify = codes if np.bincount(codes).min() > 1 else None
    parts = train_test_split(X, codes, test_size=0.25, random_state=seed, stratify=stratify)
    X_train, X_valid, y_train, y_valid = parts
    middle = np.nan_to_num(np.nanmean(X_train, axis=0))
    scale = np.nan_to_num(np.nanstd(X_train, axis=0)) + 1e-9
    layers = [torch.nn.Linear(X.shape[1], units), torch.nn.ReLU(), torch.nn.Linear(units, len(classes))]
    network = torch.nn.Sequential(*layers).to(device)
    model = _Model(network, middle, scale, classes)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    inputs, targets = model.inputs(X_train).to(device), torch.as_tensor(y_train, dtype=torch.long, device=device)
    for epoch in range(epochs):
        network.train()
        for batch in torch.randperm(len(targets)).split(32):
            optimiser.zero_grad()
            error = torch.nn.functional.cross_entropy(network(inputs[batch]), targets[batch])
            error.backward()
            optimiser.step()
        if epoch % max(1, epochs // 5) == 0:
            print(f"epoch {epoch + 1} of {epochs}: {error.item():.4f}")
    loss = float(np.mean(model.predict(X_valid) != classes[y_valid]))

    if model_dir is not None:
        values = {name: value.item() if isinstance(value, np.generic) else value for name, value in dict(cfg).items()}
        about = json.dumps({"configuration": values, "seed": seed, "budget": budget, "loss": loss}, sort_keys=True)
        folder = Path(model_dir)
        folder.mkdir(parents=True, exist_ok=True)
        name = "network-" + hashlib.sha256(about.encode()).hexdigest()[:10]
        torch.save({"state": network.state_dict(), "middle": middle, "scale": scale}, folder / f"{name}.pt")
        (folder / f"{name}.json").write_text(about)
    return loss, model
'''

BASES = {
    base.id: base
    for base in (
        Base(
            "forest",
            "A forest, with a condition and budgets that count trees",
            "model",
            "hyperband",
            Space(
                (
                    Hyperparameter("max_depth", "integer", 1, 30, default=10),
                    Hyperparameter("max_features", "float", 0.05, 1.0, default=0.5),
                    Hyperparameter("bootstrap", "categorical", choices=(True, False), default=True),
                    Hyperparameter("max_samples", "float", 0.1, 1.0, default=0.8),
                ),
                (Condition("max_samples", (Clause("bootstrap", "==", True),)),),
                name="forest",
            ),
            FOREST,
        ),
        Base(
            "scores",
            "Two algorithms, all scores, and a test part",
            "metrics",
            "hyperband",
            Space(
                (
                    Hyperparameter("algorithm", "categorical", choices=("tree", "neighbours"), default="tree"),
                    Hyperparameter("depth", "integer", 1, 20, default=5),
                    Hyperparameter("k", "integer", 1, 30, default=5),
                ),
                (
                    Condition("depth", (Clause("algorithm", "==", "tree"),)),
                    Condition("k", (Clause("algorithm", "==", "neighbours"),)),
                ),
                name="scores",
            ),
            SCORES,
        ),
        Base(
            "network",
            "A network that goes to the GPU",
            "model",
            "hyperband",
            Space(
                (
                    Hyperparameter("units", "integer", 4, 64, log=True, default=16),
                    Hyperparameter("learning_rate", "float", 1e-4, 0.1, log=True, default=0.01),
                    Hyperparameter("weight_decay", "float", 1e-6, 0.1, log=True, default=1e-4),
                ),
                name="network",
            ),
            NETWORK,
            needs="torch",
        ),
    )
}
