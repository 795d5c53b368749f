"""Cheap functions in spaces like those of people, for `benchmarks/quality.py`: eight formulas and three that train.

Of the eight, whose lowest costs are known, four are textbook functions of numbers, on ranges whose middle (SMAC's
default) is not where the lowest cost is. Four are shaped like the validation loss of a learner, as a sum of terms that
are zero at one place: log scales, valleys along which two hyperparameters trade off, choices, whole numbers and
conditions. Those that train are in `trained.py`.
"""

from __future__ import annotations

import numpy as np

from functions._function import Config, Function, choice, number, only_if, whole
from functions.trained import TRAINED
from workbench.nouns import Space


def lg(value: float) -> float:
    return float(np.log10(value))


# ---------------------------------------------------------------- of numbers


def branin(config: Config) -> float:
    x, y = config["x"], config["y"]
    valley = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
    return float(valley**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)


HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(config: Config) -> float:
    """Six dimensions; 3.5 is added, so that all costs are above zero."""
    x = np.array([config[f"x{i}"] for i in range(6)])
    return float(3.5 - np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


def ackley(config: Config) -> float:
    x = np.array([config[f"x{i}"] for i in range(4)])
    far, wave = np.sqrt((x**2).mean()), np.cos(2 * np.pi * x).mean()
    return float(20 + np.e - 20 * np.exp(-0.2 * far) - np.exp(wave))


def rosenbrock(config: Config) -> float:
    x = np.array([config[f"x{i}"] for i in range(4)])
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


# ---------------------------------------------------------------- shaped like losses


def bowl(floor: float, far: float) -> float:
    """A loss between its floor and one."""
    return float(floor + (1 - floor) * (1 - np.exp(-far)))


def penalties(config: Config) -> float:
    """Five penalties on log scales; two pairs trade off, and one hardly matters."""
    a, b, c, d, e = (lg(config[n]) for n in "abcde")
    far = 0.15 * (a + b + 4) ** 2 + 0.03 * (a - b) ** 2 + 0.1 * (c + 1) ** 2 + 0.1 * (c + d + 3) ** 2 + 0.002 * e**2
    return bowl(0.08, far + 0.05 * (1 - np.cos(3 * (a - b))))


def svm(config: Config) -> float:
    c, kernel = lg(config["C"]), config["kernel"]
    if kernel == "linear":
        return bowl(0.16, 0.06 * (c + 1) ** 2)
    gamma = lg(config["gamma"])
    if kernel == "rbf":
        return bowl(0.05, 0.12 * (c + gamma + 1) ** 2 + 0.05 * (gamma + 2.2) ** 2)
    uneven = 0.1 * (config["degree"] - 3) ** 2 + 0.3 * (config["coef0"] - 0.7) ** 2
    return bowl(0.09, 0.1 * (c + config["degree"] * gamma / 3 + 0.5) ** 2 + 0.04 * (gamma + 1) ** 2 + uneven)


def boosting(config: Config) -> float:
    """Learning rate and trees trade off; depth has its best at 4, and more of it needs smaller samples."""
    rate, trees, depth = config["learning_rate"], config["n_estimators"], config["max_depth"]
    far = 0.25 * (lg(rate * trees) - 1) ** 2 + 0.08 * lg(rate / 0.025) ** 2
    far += 0.012 * (depth - 4) ** 2 + 0.5 * (config["subsample"] - 0.9 + 0.05 * (depth - 4)) ** 2
    return bowl(0.03, far + 0.2 * (config["colsample"] - 0.6) ** 2 + 0.006 * (lg(config["l2"]) + 3) ** 2)


def network(config: Config) -> float:
    """Two layers are best; each optimiser has a learning rate of its own, and each layer its width."""
    rate, adam = lg(config["learning_rate"]), config["optimizer"] == "adam"
    far = 0.15 * (rate + 3) ** 2 if adam else 0.04 + 0.15 * (rate + 1.5 + 2 * (config["momentum"] - 0.9)) ** 2
    if not adam:
        far += 0.4 * (config["momentum"] - 0.9) ** 2
    far += {"relu": 0.0, "tanh": 0.05, "sigmoid": 0.25}[config["activation"]]
    far += 0.08 * abs(config["layers"] - 2)
    for layer, best in ((1, 128), (2, 64), (3, 32)):
        if layer <= config["layers"]:
            far += 0.1 * lg(config[f"units_{layer}"] / best) ** 2
    return bowl(0.02, far + 0.6 * (config["dropout"] - 0.2) ** 2 + 0.005 * (lg(config["decay"]) + 4) ** 2)


UNITS = tuple(whole(f"units_{layer}", 8, 512, log=True) for layer in (1, 2, 3))

FORMULAS = (
    Function(
        "branin",
        Space((number("x", -5, 10), number("y", 0, 15))),
        branin,
        0.3978873577,
        {"x": np.pi, "y": 2.275},
    ),
    Function(
        "hartmann",
        Space(tuple(number(f"x{i}", 0, 1) for i in range(6))),
        hartmann,
        3.5 - 3.3223680114,
        dict(zip((f"x{i}" for i in range(6)), (0.20169, 0.15001, 0.47687, 0.27533, 0.31165, 0.65730), strict=True)),
    ),
    Function(
        "ackley",
        Space(tuple(number(f"x{i}", -10, 25) for i in range(4))),
        ackley,
        0.0,
        {f"x{i}": 0.0 for i in range(4)},
    ),
    Function(
        "rosenbrock",
        Space(tuple(number(f"x{i}", -2, 3) for i in range(4))),
        rosenbrock,
        0.0,
        {f"x{i}": 1.0 for i in range(4)},
    ),
    Function(
        "penalties",
        Space(tuple(number(n, 1e-6, 1e2, log=True) for n in "abcde")),
        penalties,
        0.08,
        {"a": 1e-2, "b": 1e-2, "c": 1e-1, "d": 1e-2, "e": 1.0},
    ),
    Function(
        "svm",
        Space(
            (
                choice("kernel", "linear", "poly", "rbf"),
                number("C", 1e-3, 1e3, log=True),
                number("gamma", 1e-5, 10, log=True),
                whole("degree", 2, 5),
                number("coef0", -1, 1),
            ),
            (
                only_if("gamma", "kernel", "in", ("poly", "rbf")),
                only_if("degree", "kernel", "==", "poly"),
                only_if("coef0", "kernel", "==", "poly"),
            ),
        ),
        svm,
        0.05,
        {"kernel": "rbf", "C": 10**1.2, "gamma": 10**-2.2},
    ),
    Function(
        "boosting",
        Space(
            (
                number("learning_rate", 1e-3, 1, log=True),
                whole("n_estimators", 10, 1000, log=True),
                whole("max_depth", 1, 12),
                number("subsample", 0.3, 1),
                number("colsample", 0.3, 1),
                number("l2", 1e-8, 10, log=True),
            )
        ),
        boosting,
        0.03,
        {
            "learning_rate": 0.025,
            "n_estimators": 400,
            "max_depth": 4,
            "subsample": 0.9,
            "colsample": 0.6,
            "l2": 1e-3,
        },
    ),
    Function(
        "network",
        Space(
            (
                whole("layers", 1, 3),
                *UNITS,
                choice("activation", "sigmoid", "tanh", "relu"),
                choice("optimizer", "sgd", "adam"),
                number("momentum", 0, 0.99),
                number("learning_rate", 1e-5, 1, log=True),
                number("dropout", 0, 0.6),
                number("decay", 1e-7, 1e-1, log=True),
            ),
            (
                only_if("units_2", "layers", ">", 1),
                only_if("units_3", "layers", ">", 2),
                only_if("momentum", "optimizer", "==", "sgd"),
            ),
        ),
        network,
        0.02,
        {
            "layers": 2,
            "units_1": 128,
            "units_2": 64,
            "activation": "relu",
            "optimizer": "adam",
            "learning_rate": 1e-3,
            "dropout": 0.2,
            "decay": 1e-4,
        },
    ),
)

FUNCTIONS = {f.name: f for f in (*FORMULAS, *TRAINED)}
