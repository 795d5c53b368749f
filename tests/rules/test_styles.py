"""Code as it is written: what keeps the rules is let be however it is put, what breaks them is not."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import pytest

from workbench import check, contracts, datasets
from workbench.nouns import Clause, Condition, Hyperparameter, Job, Scenario, Space

SPACE = Space(
    (
        Hyperparameter("algorithm", "categorical", choices=("svm", "forest"), default="svm"),
        Hyperparameter("C", "float", 0.01, 100.0, log=True, default=1.0),
        Hyperparameter("kernel", "categorical", choices=("rbf", "poly"), default="rbf"),
        Hyperparameter("degree", "integer", 2, 4, default=3),
        Hyperparameter("trees", "integer", 10, 60, default=30),
        Hyperparameter("depth", "integer", 2, 12, default=6),
    ),
    (
        Condition("C", (Clause("algorithm", "==", "svm"),)),
        Condition("kernel", (Clause("algorithm", "==", "svm"),)),
        Condition("degree", (Clause("algorithm", "==", "svm"), Clause("kernel", "==", "poly"))),
        Condition("trees", (Clause("algorithm", "==", "forest"),)),
        Condition("depth", (Clause("algorithm", "==", "forest"),)),
    ),
    name="styles",
)
FLAT = Space(
    (
        Hyperparameter("depth", "integer", 2, 12, default=6),
        Hyperparameter("rate", "float", 0.01, 0.5, log=True, default=0.1),
    ),
    name="flat",
)
LAYERS = Space(
    (
        Hyperparameter("layers", "integer", 1, 3, default=2),
        *(Hyperparameter(f"units_{i}", "integer", 4, 64, default=16) for i in (1, 2, 3)),
    ),
    (
        Condition("units_2", (Clause("layers", ">", 1),)),
        Condition("units_3", (Clause("layers", ">", 2),)),
    ),
    name="layers",
)


def table(task: str = "classification"):
    random = np.random.default_rng(3)
    frame = pd.DataFrame({f"x{i}": random.normal(size=120) for i in range(5)})
    frame["target"] = (frame["x0"] > 0).astype(int) if task == "classification" else frame["x0"]
    return datasets.make(frame, "target", task=task, name="styles", source="styles")


def code_of(body: str, contract: str = "loss", before: str = "") -> str:
    signature = contracts.get(contract).signature
    return f"{textwrap.dedent(before)}\n\ndef {signature}:\n{textwrap.indent(textwrap.dedent(body), '    ')}"


def said(
    rule: str, body: str, *, space: Space = FLAT, contract: str = "loss", before: str = "", task: str = "classification"
) -> list[str]:
    """What reading says of a rule, but for a pass: its verdict and sentence."""
    facade = "blackbox" if contract == "loss" else "hyperband"
    job = Job(table(task), space, facade, contract, Scenario())
    findings = check.check(code_of(body, contract, before), job, probe=False, only={rule}).findings
    return [f"{f.verdict}: {f.message}" for f in findings if f.verdict != "pass"]


def assert_followed(body: str, name: str, before: str = "") -> None:
    """Both names of the space are seen to be read; and misspelt, one is no name, and the right one is never read."""
    assert said("all-names", body, before=before) == said("exact-names", body, before=before) == []
    wrong = body.replace(f"'{name}'", f"'{name}s'")
    found = f"fail: '{name}s' is not a hyperparameter of the space; did you mean {name!r}?"
    assert said("exact-names", wrong, before=before) == [found]
    assert said("all-names", wrong, before=before) == [f"fail: {name!r} is never read from `cfg`"]


ALIASES = {
    "annotated": "values: dict[str, object] = dict(cfg)",
    "walrus": "if (values := dict(cfg)):\n    pass",
    "several at once": "values, X = dict(cfg), dataset['X']",
    "several, one of them spread": "values, X, y = dict(cfg), *dataset['parts']",
    "by its type": "values = cfg if isinstance(cfg, dict) else dict(cfg)",
    "by what it has": "values = cfg.get_dictionary() if hasattr(cfg, 'get_dictionary') else dict(cfg)",
    "or nothing": "values = cfg or {}",
    "under its own name": "values = dict(cfg)\nvalues = values.copy()",
}


@pytest.mark.parametrize("made", ALIASES.values(), ids=ALIASES)
def test_the_configuration_is_followed_under_another_name(made):
    assert_followed(f"{made}\nreturn values['depth'] * values['rate']\n", "depth")


def test_an_attribute_of_the_configuration_is_no_hyperparameter_that_is_read():
    body = "return cfg['depth'] * getattr(cfg, 'rate', 0.1)\n"
    assert said("all-names", body) == ["fail: 'rate' is never read from `cfg`"]


MERGED = {
    "splat over defaults": "values = {**DEFAULTS, **dict(cfg)}",
    "splat over a literal": "values = {'rounds': 50, **cfg}",
    "or": "values = {'rounds': 50} | dict(cfg)",
    "or in place": "values = {'rounds': 50}\nvalues |= dict(cfg)",
    "update": "values = {'rounds': 50}\nvalues.update(cfg)",
    "update of the copy": "values = dict(cfg)\nvalues.update(rounds=50)",
    "keywords": "values = dict(cfg, rounds=50)",
    "keywords alone": "values = dict(rounds=50, **cfg)",
    "put in": "values = dict(cfg)\nvalues['rounds'] = 50",
    "by default": "values = dict(cfg)\nvalues.setdefault('rounds', 50)",
}


@pytest.mark.parametrize("made", MERGED.values(), ids=MERGED)
def test_what_the_code_adds_to_a_copy_of_the_configuration_is_its_own(made):
    before = "DEFAULTS = {'rounds': 50, 'rate': 0.1}"
    assert_followed(f"{made}\nreturn values['depth'] * values['rate'] * values['rounds']\n", "rate", before)


def test_a_name_is_told_to_be_unknown_where_the_configuration_is_merged_with_who_knows_what():
    body = "values = {**dataset['more'], **cfg}\nreturn values['depth'] * values['rate'] * values['rounds']\n"
    assert said("all-names", body) == []
    reason = "'rounds' may come from what the configuration is merged with"
    assert said("exact-names", body) == [f"unknown: {reason}, so which hyperparameter it is cannot be told"]


def test_a_value_that_is_taken_out_of_a_copy_is_read():
    body = "values = dict(cfg)\nvalues['max_depth'] = values.pop('depth')\nvalues['rate'] *= 2\nreturn values\n"
    assert said("all-names", body) == said("exact-names", body) == []
    wrong = "values = dict(cfg)\nvalues['max_depth'] = values.pop('depths')\nreturn values['rate']\n"
    assert said("exact-names", wrong) == ["fail: 'depths' is not a hyperparameter of the space; did you mean 'depth'?"]


def test_a_default_that_is_put_in_stands_ready_for_an_inactive_name():
    body = "values = dict(cfg)\nvalues.setdefault('degree', 3)\nreturn values['degree']\n"
    assert said("inactive-defaults", body, space=SPACE) == []
    assert len(said("inactive-defaults", body.replace("'degree', 3", "'trees', 3"), space=SPACE)) == 1


COPIES = {
    "converted": "values = {k: v.item() if hasattr(v, 'item') else v for k, v in cfg.items()}",
    "name by name": "values = {name: cfg[name] for name in cfg}",
    "pairs": "values = dict(cfg.items())",
    "by a helper": "values = _plain(cfg)",
    "by a helper that changes it": "values = _whole(cfg, 3)",
}
COPYING = """
def _plain(config):
    return {k: float(v) for k, v in dict(config).items()}


def _whole(config, rounds):
    values = _plain(config)
    values["rounds"] = rounds
    return values
"""


@pytest.mark.parametrize("made", COPIES.values(), ids=COPIES)
def test_a_copy_of_the_configuration_is_followed(made):
    assert_followed(f"{made}\nreturn values['depth'] * values['rate']\n", "depth", COPYING)


GETTERS = {
    "function": "def hp(name, default, cast=float):\n    return cast(cfg.get(name, default))\n",
    "lambda": "hp = lambda name, default: cfg[name] if name in cfg else default\n",
    "handed": "def hp(name, default):\n    return _value(cfg, name, default)\n",
}


@pytest.mark.parametrize("made", GETTERS.values(), ids=GETTERS)
def test_a_nested_getter_is_followed_from_each_call_of_it(made):
    before = "def _value(values, name, default):\n    return values.get(name, default)\n"
    assert_followed(f"{made}\nreturn hp('depth', 6) * hp('rate', 0.1)\n", "depth", before)


def test_a_nested_function_that_is_handed_on_is_read_where_it_stands():
    body = "def objective(X):\n    return cfg['depth'] * cfg['rate']\nreturn dataset['minimise'](objective)\n"
    assert said("all-names", body) == said("exact-names", body) == []


LOOPS = {
    "pairs of a constant": "values = {n: cast(cfg.get(n, d)) for n, (cast, d) in SPEC.items()}",
    "names of a constant": "values = {}\nfor name in SPEC:\n    values[name] = cfg[name]",
    "rows": "values = [cast(cfg[n]) for n, cast in [('depth', int), ('rate', float)]]",
    "numbered": "values = [cfg[n] for i, n in enumerate(('depth', 'rate'))]",
    "side by side": "values = [cast(cfg[n]) for n, cast in zip(('depth', 'rate'), (int, float))]",
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_a_loop_over_names_that_are_written_down_is_followed(loop):
    before = "SPEC: dict[str, tuple] = {'depth': (int, 6), 'rate': (float, 0.1)}\n"
    body = f"{loop}\nreturn len(values)\n"
    assert said("all-names", body, before=before) == said("exact-names", body, before=before) == []
    found = "fail: 'depths' is not a hyperparameter of the space; did you mean 'depth'?"
    wrong = [part.replace("'depth'", "'depths'") for part in (body, before)]
    assert said("exact-names", wrong[0], before=wrong[1]) == [found]


NUMBERED = {
    "from one": "[cfg.get(f'units_{i}', 16) for i in range(1, cfg['layers'] + 1)]",
    "plus one": "[cfg.get(f'units_{i + 1}', 16) for i in range(int(cfg['layers']))]",
    "up to a number": "[cfg.get('units_' + str(i), 16) for i in range(1, 4)]",
    "listed": "[cfg.get(f'units_{i:d}', 16) for i in (1, 2, 3)]",
}


@pytest.mark.parametrize("made", NUMBERED.values(), ids=NUMBERED)
def test_names_with_a_number_in_them_are_those_of_the_space(made):
    body = f"units = {made}\nreturn sum(units) / cfg['layers']\n"
    assert said("all-names", body, space=LAYERS) == said("exact-names", body, space=LAYERS) == []


OFF_BY_ONE = {
    "from zero": ("[cfg.get(f'units_{i}', 16) for i in range(int(cfg['layers']))]", "units_0"),
    "one too far": ("[cfg.get(f'units_{i}', 16) for i in range(1, 5)]", "units_4"),
    "with a nought": ("[cfg.get(f'units_{i:02d}', 16) for i in (1, 2, 3)]", "units_01"),
}


@pytest.mark.parametrize(("made", "name"), OFF_BY_ONE.values(), ids=OFF_BY_ONE)
def test_numbers_that_are_off_by_one_are_found(made, name):
    found = said("exact-names", f"units = {made}\nreturn sum(units) / cfg['layers']\n", space=LAYERS)
    assert f"fail: {name!r} is not a hyperparameter of the space; did you mean" in found[0]


def test_a_loop_that_ends_where_the_configuration_says_reads_what_is_active():
    body = "return sum(cfg[f'units_{i}'] for i in range(1, cfg['layers'] + 1))\n"
    assert said("inactive-defaults", body, space=LAYERS) == []
    assert len(said("inactive-defaults", body.replace("cfg['layers'] + 1", "4"), space=LAYERS)) == 2


SEEDED = {
    "an attribute": (
        "class _Trainer:\n    def __init__(self, seed):\n        self.seed = seed\n\n"
        "    def run(self):\n        return RandomForestClassifier(random_state=self.seed)\n",
        "return _Trainer(seed).run()",
    ),
    "a field": (
        "@dataclass\nclass _Settings:\n    trees: int\n    seed: int\n\n"
        "    def made(self):\n        return RandomForestClassifier(self.trees, random_state=self.seed)\n",
        "return _Settings(10, seed=seed).made()",
    ),
    "chosen lambdas": (
        "MAKE = {'forest': lambda c, s: RandomForestClassifier(random_state=s)}\n",
        "return MAKE[cfg['algorithm']](cfg, seed)",
    ),
    "chosen helpers": (
        "def _forest(c, state):\n    return RandomForestClassifier(random_state=state)\n",
        "make = {'forest': _forest}.get(cfg['algorithm'])\nreturn make(cfg, seed)",
    ),
    "partial": (
        "def _forest(state, c):\n    return RandomForestClassifier(random_state=state)\n",
        "return partial(_forest, seed)(cfg)",
    ),
    "a comprehension": (
        "",
        "states = np.random.SeedSequence(seed).generate_state(3)\n"
        "return [RandomForestClassifier(random_state=int(s)) for s in states]",
    ),
}
IMPORTS = "from sklearn.ensemble import RandomForestClassifier\nimport numpy as np\n"


@pytest.mark.parametrize(("before", "body"), SEEDED.values(), ids=SEEDED)
def test_the_seed_is_followed_through_attributes_and_chosen_functions(before, body):
    assert said("seeded", body, space=SPACE, before=IMPORTS + before) == []
    fixed = said("seeded", "seed = 42\n" + body.replace("seed", "other"), space=SPACE, before=IMPORTS + before)
    assert any("`RandomForestClassifier` does not come from `seed`" in text for text in fixed)


def test_a_folder_that_an_object_keeps_comes_from_model_dir():
    before = (
        "class _Saver:\n    def __init__(self, folder):\n        self.folder = Path(folder)\n"
        "        self.log = Path('log')\n"
        "    def save(self, model):\n        joblib.dump(model, self.folder / 'm.joblib')\n"
    )
    body = "_Saver(model_dir).save(1)\nreturn 1.0\n"
    assert said("self-contained", body, before=before) == []
    assert len(said("self-contained", body, before=before.replace("self.folder / 'm.joblib'", "self.log"))) == 1


BRANCHED = {
    "helpers called in branches": (
        "def _svm(c):\n    return SVC(C=c['C'], kernel=c['kernel'])\n\n\n"
        "def _forest(c):\n    return c['trees'] + c['depth']\n",
        "if cfg['algorithm'] == 'svm':\n    return _svm(cfg)\nelse:\n    return _forest(cfg)\n",
    ),
    "helpers chosen from a dict": (
        "def _svm(c):\n    return c['C']\n\n\ndef _forest(c):\n    return c['trees']\n",
        "return {'svm': _svm, 'forest': _forest}[cfg['algorithm']](cfg)\n",
    ),
    "behind a return": (
        "",
        "algorithm = str(cfg['algorithm'])\nif algorithm == 'svm':\n    return cfg['C']\nreturn cfg['trees']\n",
    ),
    "behind a match": (
        "",
        "match cfg['algorithm']:\n    case 'svm':\n        return cfg['C']\nreturn cfg['trees']\n",
    ),
}


@pytest.mark.parametrize(("before", "body"), BRANCHED.values(), ids=BRANCHED)
def test_a_conditional_name_is_guarded_by_the_branch_that_its_reader_stands_in(before, body):
    assert said("inactive-defaults", body, space=SPACE, before=before) == []
    at_once = said("inactive-defaults", f"trees = cfg['trees']\n{body}", space=SPACE, before=before)
    assert at_once == ["fail: 'trees' is absent when inactive, and `cfg['trees']` has no default and no guard"]


def test_a_check_of_the_table_guards_no_conditional_name():
    body = "if len(dataset['X']) < 4:\n    raise ValueError('rows')\nreturn cfg['trees']\n"
    assert len(said("inactive-defaults", body, space=SPACE)) == 1


def test_an_error_of_another_kind_is_not_put_down_to_an_inactive_name_on_its_line():
    body = "if cfg['algorithm'] == 'forest':\n    raise ValueError(f'at {cfg.get(\"C\", 1.0)}: no trees')\nreturn 1.0\n"
    job = Job(table(), SPACE, "blackbox", "loss", Scenario())
    code = "from typing import Any\nfrom ConfigSpace import Configuration\n" + code_of(body)
    found = check.check(code, job, only={"inactive-defaults", "every-configuration"}).findings
    assert [f.rule for f in found if f.verdict == "fail"] == ["every-configuration"]
    missing = check.check(code.replace('cfg.get("C", 1.0)', 'cfg["C"]'), job, only={"inactive-defaults"}).findings
    assert [f.verdict for f in missing] == ["fail"]
    assert "'C' is inactive here and missed" in missing[0].message


def test_a_lambda_at_module_level_does_not_run_on_import():
    body = "return MAKE[cfg['depth']]()"
    assert said("code-only", body, before="MAKE = {6: lambda: dataset()}") == []
    assert len(said("code-only", body, before="MAKE = {6: dataset()}")) == 1


def test_a_dict_that_is_merged_is_a_dict():
    assert said("return-type", "return {'loss': 1.0} | scores", contract="metrics") == []
    assert len(said("return-type", "return 1.0 - scores", contract="metrics")) == 1


NONE = {
    "isinstance": "return int(budget) if isinstance(budget, (int, float)) else 50, cfg",
    "equality": "if budget == None:\n    budget = 50\nreturn int(budget), cfg",
    "match": "match budget:\n    case None:\n        return 50, cfg\n    case _:\n        return int(budget), cfg",
}


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_every_way_to_ask_for_a_missing_budget_is_one(body):
    assert said("budget-none", body, contract="model") == []


def test_a_budget_that_nothing_asks_for_is_found_where_other_things_are_asked_for():
    body = "if isinstance(seed, int) and seed == None:\n    pass\nreturn int(budget), cfg"
    assert len(said("budget-none", body, contract="model")) == 1


def test_code_that_only_takes_tensors_for_arrays_makes_no_network():
    body = "X = dataset['X']\nX = X.numpy() if isinstance(X, torch.Tensor) else X\nreturn float(len(X))"
    assert said("gpu", body, before="import torch") == []
    assert len(said("gpu", f"net = torch.nn.Linear(3, 1)\n{body}", before="import torch")) == 1
    assert len(said("gpu", f"net = nn.Linear(3, 1)\n{body}", before="import torch\nfrom torch import nn")) == 1


ANNOTATED = {
    "in quotes": (
        '"Configuration"',
        '"Any"',
        '"float"',
        "from typing import Any\nfrom ConfigSpace import Configuration",
    ),
    "by module": ("CS.Configuration", "typing.Any", "float", "import typing\nimport ConfigSpace as CS"),
}


@pytest.mark.parametrize(("cfg", "data", "result", "imports"), ANNOTATED.values(), ids=ANNOTATED)
def test_an_annotation_may_be_quoted_or_named_by_its_module(cfg, data, result, imports):
    signature = f"train(cfg: {cfg}, dataset: {data}, seed: int, model_dir: str = None) -> {result}"
    code = f"{imports}\n\ndef {signature}:\n    return 1.0\n"
    job = Job(table(), FLAT, "blackbox", "loss", Scenario())

    def failing(text: str) -> list[str]:
        return [f.message for f in check.static(text, job).findings if f.rule == "signature" and f.verdict == "fail"]

    assert failing(code) == []
    assert failing(code.replace("seed: int", "seed: 'float'")) == ["`seed` is annotated with float; it must be int"]


def test_a_split_that_is_told_to_shuffle_wants_the_seed():
    before = "from sklearn.model_selection import train_test_split"
    body = "return train_test_split(dataset['X'], shuffle=True, random_state=42)"
    assert len(said("seeded", body, before=before)) == 1
    assert said("seeded", body.replace("True, random_state=42", "False"), before=before) == []


def test_an_estimator_may_be_given_its_seed_later():
    before = "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.svm import SVC"
    body = "made = {'forest': RandomForestClassifier(), 'svm': SVC()}\nreturn made[cfg['algorithm']].set_params(GIVEN)"
    for given in ("random_state=seed", "**dataset['settings']"):
        assert said("seeded", body.replace("GIVEN", given), space=SPACE, before=before) == []
    for given in ("random_state=42", "n_jobs=1"):
        assert len(said("seeded", body.replace("GIVEN", given), space=SPACE, before=before)) == 1


@pytest.mark.parametrize("given", ["solver='saga'", "svd_solver='randomized'", "selection='random'"])
def test_a_solver_that_draws_wants_the_seed(given):
    name = {"solver": "Ridge", "svd_solver": "PCA", "selection": "Lasso"}[given.partition("=")[0]]
    before = "from sklearn.linear_model import Lasso, Ridge\nfrom sklearn.decomposition import PCA"
    assert len(said("seeded", f"return {name}({given})", before=before)) == 1
    assert said("seeded", f"return {name}({given}, random_state=seed)", before=before) == []
    assert said("seeded", f"return {name}()", before=before) == []


BLANKET = {
    "by keyword": "warnings.filterwarnings(action='ignore')",
    "the base class": "warnings.simplefilter('ignore', Warning)",
    "the base class by keyword": "warnings.filterwarnings('ignore', category=Warning)",
    "under another name": "w.filterwarnings('ignore')",
}


@pytest.mark.parametrize("body", BLANKET.values(), ids=BLANKET)
def test_a_blanket_filter_of_warnings_is_found_however_it_is_written(body):
    before = "import warnings\nimport warnings as w"
    assert len(said("no-try-except", f"{body}\nreturn 1.0", before=before)) == 1
    narrow = "warnings.simplefilter('ignore', FutureWarning)\nwarnings.filterwarnings('ignore', message='lbfgs')"
    assert said("no-try-except", f"{narrow}\nreturn 1.0", before=before) == []


STATISTICS = {
    "of columns": "X[names] = X[names].fillna(X[names].median())",
    "of values": "X = X - X.values.mean()",
    "of numpy": "X = (X - np.nanmean(X, axis=0)) / np.std(X, axis=0)",
}


@pytest.mark.parametrize("line", STATISTICS.values(), ids=STATISTICS)
def test_a_statistic_of_all_rows_before_the_split_is_found(line):
    before = "import numpy as np\nfrom sklearn.model_selection import train_test_split"
    read, split = "X, y = dataset['X'].copy(), dataset['y']", "parts = train_test_split(X, y, random_state=seed)"
    found = said("held-out", f"{read}\n{line}\n{split}\nreturn 1.0", before=before)
    assert found
    assert all("of all rows before they are split" in text for text in found)
    assert said("held-out", f"{read}\n{split}\n{line}\nreturn 1.0", before=before) == []


def test_the_mean_of_the_target_and_a_count_of_classes_are_no_leak():
    before = "import numpy as np\nfrom sklearn.model_selection import train_test_split"
    body = (
        "X, y = dataset['X'], np.asarray(dataset['y'])\nprint(np.mean(y), dataset['y'].mean(), y.mean())\n"
        "counts = np.unique(y, return_counts=True)[1]\nstratify = y if counts.min() > 1 else None\n"
        "return train_test_split(X, y, stratify=stratify, random_state=seed)"
    )
    assert said("held-out", body, before=before) == []


def test_a_branch_for_two_classes_expects_no_shape():
    body = "p = dataset['p']\nif p.shape[1] == 2:\n    return p[:, 1]\nreturn p"
    assert said("no-hardcoded-shapes", body) == []
    demanded = "X = dataset['X']\nif X.shape[1] != 7:\n    raise ValueError(X.shape)\nreturn 1.0"
    assert len(said("no-hardcoded-shapes", demanded)) == 1
    assert len(said("no-hardcoded-shapes", "assert dataset['X'].shape[1] == 7\nreturn 1.0")) == 1
    own = "X = dataset['X']\nif X.shape[1] == 5:\n    return 0.5\nreturn 1.0"
    assert len(said("no-hardcoded-shapes", own)) == 1


def test_one_output_is_right_for_a_number():
    body = "output_dim = 1\nnet = nn.Linear(in_features=8, out_features=1)\nreturn net"
    assert len(said("no-hardcoded-shapes", body, task="regression")) == 1  # `in_features`
    assert len(said("no-hardcoded-shapes", body)) == 3


CHOSEN = {
    "else": "if cfg['algorithm'] == 'forest':\n    return 1.0\nelse:\n    return 2.0",
    "in an expression": "return 1.0 if cfg['algorithm'] == 'forest' else 2.0",
    "case": "match cfg['algorithm']:\n    case 'forest':\n        return 1.0\n    case _:\n        return 2.0",
    "dict": "return dict(forest=1.0, svm=2.0)[cfg['algorithm']]",
}


@pytest.mark.parametrize("body", CHOSEN.values(), ids=CHOSEN)
def test_the_last_algorithm_may_be_what_is_left(body):
    assert said("algorithm-choice", body, space=SPACE) == []
    assert len(said("algorithm-choice", body.replace("forest", "forrest"), space=SPACE)) == 1


def test_an_else_that_raises_serves_no_algorithm():
    body = "if cfg['algorithm'] == 'forest':\n    return 1.0\nelse:\n    raise ValueError(cfg)"
    assert len(said("algorithm-choice", body, space=SPACE)) == 1


def test_algorithms_that_do_equally_well_on_an_easy_table_are_two():
    body = """
        X, y = np.asarray(dataset["X"])[:, :1], np.asarray(dataset["y"])
        depth = 1 if cfg["algorithm"] == "svm" else 6
        tree = DecisionTreeClassifier(max_depth=depth, random_state=seed)
        tree.fit(X[::2], y[::2])
        return float(np.mean(tree.predict(X[1::2]) != y[1::2]))
        """
    before = """
        from typing import Any

        import numpy as np
        from ConfigSpace import Configuration
        from sklearn.tree import DecisionTreeClassifier
        """
    frame = pd.DataFrame({"x": np.repeat([-1.0, 1.0], 40), "target": np.repeat([0, 1], 40)})
    job = Job(datasets.make(frame, "target", name="easy", source="easy"), SPACE, "blackbox", "loss", Scenario())

    def verdicts(text: str) -> set[str]:
        findings = check.check(code_of(text, before=before), job, only={"algorithm-choice"}).findings
        return {f.verdict for f in findings if "the same model" in f.message}

    assert verdicts(body) == set()
    assert verdicts(body.replace("else 6", "else 1")) == {"fail"}
