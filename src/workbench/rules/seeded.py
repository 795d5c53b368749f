"""One seed, one result."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import again, default_call, described
from workbench.rules._mutation import Broken, at_top, edited, loss_of, returns, with_loss
from workbench.rules._source import calls as all_calls
from workbench.rules._source import flows, imported, keyword, names_in

DETERMINISTIC = (
    "LogisticRegression",
    "LogisticRegressionCV",
    "Ridge",
    "RidgeClassifier",
    "SVC",
    "NuSVC",
    "LinearSVR",
    "LinearSVC",
    "Lasso",
    "ElasticNet",
    "ElasticNetCV",
    "LassoCV",
    "PCA",
    "TruncatedSVD",
    "KBinsDiscretizer",
    "QuantileTransformer",
    "SpectralEmbedding",
    "TargetEncoder",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
)
"""They take a `random_state` that their defaults have little or no use for: the call decides."""

NUMPY = (
    "default_rng",
    "RandomState",
    "Generator",
    "SeedSequence",
    "MT19937",
    "PCG64",
    "get_state",
    "set_state",
    "seed",
)
TORCH_SEEDS = (
    "torch.manual_seed",
    "torch.random.manual_seed",
    "torch.cuda.manual_seed_all",
    "lightning.seed_everything",
)
TENSORFLOW_SEEDS = (
    "tensorflow.random.set_seed",
    "tensorflow.keras.utils.set_random_seed",
    "keras.utils.set_random_seed",
)


@cache
def takes_random_state(name: str) -> bool:
    """Whether a function or class of scikit-learn's, or of a library with its interface, takes one."""
    module, _, attribute = name.rpartition(".")
    if name.split(".")[0] not in ("sklearn", "xgboost", "lightgbm", "catboost") or attribute in DETERMINISTIC:
        return False
    try:
        part = getattr(import_module(module), attribute, None)
        return callable(part) and "random_state" in inspect.signature(part).parameters
    except (ImportError, ValueError, TypeError):
        return False


def find(case: Case) -> Iterator[Seen]:
    """The seed reaches every `random_state`, generator and framework seed."""
    if case.train is None:
        return
    by_function = flows(case, "seed")
    carried = set().union(*by_function.values()) | {"seed"}
    module_level = {
        t.id for n in case.tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    }
    carried -= module_level
    given_later = any(name.endswith(".set_params") and _gives_seed(node, carried) for node, name in all_calls(case))
    seeds = {name for node, name in all_calls(case) if name.endswith(("random.seed", "manual_seed"))}
    for node, name in all_calls(case):
        last = name.rpartition(".")[2]
        if takes_random_state(name) or _by_chance(node, name):
            yield from _estimator(node, name, carried, given_later)
        elif name in (
            "numpy.random.default_rng",
            "numpy.random.RandomState",
            "random.Random",
            "numpy.random.SeedSequence",
        ):
            given = [*node.args, *(k.value for k in node.keywords)]
            if not given or not any(names_in(a) & carried for a in given):
                yield Seen.at(node, f"`{ast.unparse(node)[:60]}` is not made from `seed`")
        elif name.startswith("numpy.random.") and last not in NUMPY and "numpy.random.seed" not in seeds:
            yield Seen.at(node, f"`{name}` draws from numpy's global generator, which nothing seeds")
        elif name.startswith("random.") and name.count(".") == 1 and last not in ("seed", "Random"):
            if "random.seed" not in seeds and _is_module(case, "random"):
                yield Seen.at(node, f"`{name}` draws from Python's global generator, which nothing seeds")
        elif name in ("numpy.random.seed", "random.seed", *TORCH_SEEDS, *TENSORFLOW_SEEDS):
            if not any(names_in(a) & carried for a in [*node.args, *(k.value for k in node.keywords)]):
                yield Seen.at(node, f"`{ast.unparse(node)[:60]}` does not pass `seed` on")
        elif last == "sample" and not name.startswith(("random.", "torch.")) and keyword(node, "n", "frac") is not None:
            state = keyword(node, "random_state")
            if state is None or not names_in(state) & carried:
                yield Seen.at(node, f"`{ast.unparse(node)[:60]}` samples rows without `random_state=seed`")
    yield from _frameworks(case)


def _by_chance(node: ast.Call, name: str) -> bool:
    """Whether an estimator that is mostly deterministic is told to draw: a solver or a selection by chance."""
    given = [keyword(node, "solver"), keyword(node, "svd_solver"), keyword(node, "selection")]
    told = any(isinstance(v, ast.Constant) and v.value in ("sag", "saga", "randomized", "random") for v in given)
    return told and name.startswith("sklearn.") and name.rpartition(".")[2] in DETERMINISTIC


def _gives_seed(node: ast.Call, carried: set[str]) -> bool:
    """Whether `set_params` gives the seed, or settings that may hold it."""
    return any(
        k.arg is None or (k.arg.endswith("random_state") and bool(names_in(k.value) & carried)) for k in node.keywords
    )


def _estimator(node: ast.Call, name: str, carried: set[str], given_later: bool) -> Iterator[Seen]:
    if any(k.arg is None for k in node.keywords):
        return  # `**settings`: the call decides
    short = name.rpartition(".")[2]
    if short in ("KFold", "StratifiedKFold", "StratifiedGroupKFold") and not _true(keyword(node, "shuffle")):
        return
    shuffle = keyword(node, "shuffle")
    if short == "train_test_split" and shuffle is not None and not _true(shuffle):
        return
    state = keyword(node, "random_state")
    if state is None and given_later:
        return  # the call decides here, too
    if state is None:
        yield Seen.at(node, f"`{short}` has no `random_state`; pass `seed`")
    elif not names_in(state) & carried:
        yield Seen.at(state, f"`random_state={ast.unparse(state)[:40]}` of `{short}` does not come from `seed`")


def _true(node: ast.expr | None) -> bool:
    return node is not None and not (isinstance(node, ast.Constant) and not node.value)


def _is_module(case: Case, name: str) -> bool:
    return imported(case.tree).get(name) == name


def _frameworks(case: Case) -> Iterator[Seen]:
    names = [name for _, name in all_calls(case)]
    roots = {value.split(".")[0] for value in imported(case.tree).values()}
    line = case.train.lineno if case.train else None
    if "torch" in roots and any(
        n.startswith(("torch.nn.", "torch.rand", "torch.utils.data.DataLoader")) for n in names
    ):
        if not any(n in TORCH_SEEDS or n.endswith(".manual_seed") for n in names):
            yield Seen(
                "fail", "PyTorch draws initial weights and batches, and nothing calls `torch.manual_seed(seed)`", line
            )
    if {"tensorflow", "keras"} & roots and not any(n in TENSORFLOW_SEEDS for n in names):
        yield Seen(
            "fail", "TensorFlow draws initial weights, and nothing calls `keras.utils.set_random_seed(seed)`", line
        )


def calls(case: Case) -> Mapping[str, Call]:
    """The same call twice."""
    return {"first": default_call(case), "second": again(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Both agree."""
    first, second = replies["first"], replies["second"]
    if first.status != "success" or second.status != "success":
        return [Seen("unknown", "no result came back twice, so results cannot be compared")]
    if math.isclose(first.cost or 0.0, second.cost or 0.0, rel_tol=1e-6, abs_tol=1e-12):
        return []
    text = f"two calls with one seed cost {first.cost:.6g} and {second.cost:.6g} ({described(again(case))})"
    return [Seen("fail", text, call=again(case))]


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """A seed is dropped or fixed; chance that nothing seeds."""

    def seeds(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and any(k.arg == "random_state" for k in node.keywords)

    def dropped(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Call)
        node.keywords = [k for k in node.keywords if k.arg != "random_state" or _unneeded(node)]
        return node

    def fixed(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Call)
        for k in node.keywords:
            if k.arg == "random_state":
                k.value = ast.Constant(42)
        return node

    def needed(node: ast.AST) -> bool:
        return seeds(node) and isinstance(node, ast.Call) and not _unneeded(node)

    for broken in edited(tree, needed, dropped):
        yield "a random_state is dropped", broken
    for broken in edited(tree, needed, fixed):
        yield "a random_state is fixed", broken
    noisy = returns(tree, lambda v: with_loss(v, job.contract, f"{loss_of(v, job.contract)} + 1e-3 * _noise.random()"))
    yield "noise of an unseeded generator", at_top(noisy, "import random as _noise")
    noisy = returns(tree, lambda v: with_loss(v, job.contract, f"{loss_of(v, job.contract)} + 1e-3 * np.random.rand()"))
    yield "noise of numpy's global generator", at_top(noisy, "import numpy as np")
    if any(isinstance(n, ast.Import) and n.names[0].name == "torch" for n in tree.body):
        call = "torch.manual_seed"
        for broken in edited(
            tree, lambda n: isinstance(n, ast.Expr) and ast.unparse(n).startswith(call), lambda n: None
        ):
            yield "the seed of PyTorch is dropped", broken


def _unneeded(node: ast.Call) -> bool:
    return ast.unparse(node.func).rpartition(".")[2] in DETERMINISTIC


RULE = Rule(
    id="seeded",
    group="evaluation",
    level={"*": "must"},
    text="Pass `seed` to every source of chance (generators, estimators, splits, framework seeds): one seed, "
    "one result.",
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example("        max_samples=max_samples,\n        random_state=seed,", "        max_samples=max_samples,"),
        Example("    torch.manual_seed(seed)\n", "", base="network"),
    ),
    mutate=mutate,
    order=270,
)
