"""The pieces of a run as plain Python, for the script and the notebook: no workbench in them, no widgets."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import contracts, facades, space
from workbench.nouns import Instance, Scenario, Space
from workbench.results.models import load_lines, model_file

if TYPE_CHECKING:
    from workbench.runs import Run

OWN_NAMES = {
    *("DATA", "MODELS", "N_TRIALS", "SEED", "read_part", "dataset", "X", "y", "X_test", "y_test", "space", "scenario"),
    *("optimiser", "trials", "info", "started", "problem", "returned", "cost", "known", "seconds", "at", "good"),
    *(
        "instance_of",
        "rows_of",
        "raced",
        "one",
        "most",
        "mean_of",
        "highest",
        "best",
        "full",
        "numbers",
        "costs",
        "incumbent",
        "model",
        "TrialValue",
        "Scenario",
    ),
}
"""What the exported code calls its own: a train function that uses such a name at its top gets a module to itself."""
SHARED = {"json": "json", "math": "math", "sys": "sys", "time": "time", "pd": "pandas", "Path": "pathlib.Path"}
"""What both may import under one name, as long as it is the same."""

LINES = re.compile(r"\r\n|\r|\n")
"""Where Python ends a line: a form feed, or a line separator in a text, is no end."""

READ_PART = '''\
def read_part(name):
    """Features and target of one part of the table, with the names and types that the run had."""
    about = json.loads((DATA / "dataset.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(DATA / f"{name}.parquet")
    columns = []
    for position, kind in enumerate(about["columns"]):
        column = table[str(position)]
        if kind["dtype"] == "category":
            categories = pd.Index(kind["categories"], dtype=kind["of"])
            column = pd.Series(pd.Categorical.from_codes(column, categories=categories, ordered=kind["ordered"]))
        elif kind["dtype"] == "object":
            column = column.astype(object).where(column.notna(), float("nan"))
        else:
            column = column.astype(kind["dtype"])
        columns.append(column.rename(kind["name"]))
    return pd.DataFrame({c.name: c for c in columns[:-1]}), columns[-1]
'''


ROWS_OF = '''\
def rows_of(instance):
    """The rows of both parts that an instance has."""
    column, value = instance_of[instance]["where"]
    found = {}
    for features, target in (("X", "y"), ("X_test", "y_test")):
        if features in dataset:
            values = dataset[features][column]
            rows = values.astype(object).where(values.notna(), None).map(str, na_action="ignore") == value
            if rows.any():
                found |= {features: dataset[features][rows], target: dataset[target][rows]}
    return {name: part.reset_index(drop=True) for name, part in found.items()}
'''


@dataclass(frozen=True)
class Parts:
    """A run as pieces of Python source; see `parts_of`.

    `future` are the imports that must stand first; `model` loads the model file, empty where there is none.
    """

    future: str
    data: str
    train: str
    space: str
    scenario: str
    call: str
    cost: str
    model: str
    facade: str
    seed: int
    n_trials: int
    raced: bool


def parts_of(run: Run) -> Parts:
    """The pieces of a run.

    Raises
    ------
    OSError, KeyError, ValueError
        If a file of the run is missing or cannot be read.
    """
    about = run.about
    made = Space.from_dict(json.loads((run.folder / "space.json").read_text(encoding="utf-8")))
    facade, contract = facades.get(about["facade"]), contracts.get(about["contract"])
    scenario = Scenario.from_dict(about["scenario"])
    future, train = _train(run.candidate.code)
    test = contract.takes_test and (run.folder / "data" / "test.parquet").is_file()
    found = facades.instances_of(run.job())
    divided = any(one.where is not None for one in found.values())
    arguments = [
        "cfg=info.config",
        "dataset=rows_of(info.instance)"
        if divided
        else "dataset={name: part.copy() for name, part in dataset.items()}",
        'seed=instance_of[info.instance]["seed"]' if found else "seed=SEED",
    ]
    if contract.takes_budget:
        arguments.append("budget=info.budget")
    arguments.append("model_dir=str(MODELS)")
    file = model_file(run)
    return Parts(
        future=future,
        data=_data(run.folder.resolve() / "data", test) + _instances(found),
        train=train,
        space=f"{space.to_python(made).rstrip()}\nspace.seed(SEED)\n",
        scenario=_scenario(facade.smac_class, scenario, facade.needs_budget, bool(found)),
        call=f"train({', '.join(arguments)})",
        cost={"model": "float(returned[0])", "metrics": 'float(returned["loss"])'}.get(contract.id, "float(returned)"),
        model=_model(file) if file is not None else "",
        facade=facade.smac_class,
        seed=scenario.seed,
        n_trials=scenario.n_trials,
        raced=bool(found),
    )


def _data(folder: Path, test: bool) -> str:
    lines = [f"DATA = Path({str(folder)!r})  # the table as the run saw it", "", "", READ_PART, ""]
    lines += ['X, y = read_part("train")', 'dataset = {"X": X, "y": y}']
    if test:
        lines += ['X_test, y_test = read_part("test")', 'dataset |= {"X_test": X_test, "y_test": y_test}']
    return "\n".join(lines) + "\n"


def _instances(found: Mapping[str, Instance]) -> str:
    """What configurations are raced over, and the rows of each where a column divides the table."""
    if not found:
        return ""
    rows = [
        f"    {name!r}: {{'seed': {one.seed}, 'where': {one.where!r}, 'features': {list(one.features)}}},"
        for name, one in found.items()
    ]
    made = "\n\n# what configurations are raced over\ninstance_of = {\n" + "\n".join(rows) + "\n}\n"
    return made + ("\n\n" + ROWS_OF if any(one.where is not None for one in found.values()) else "")


def _train(code: str) -> tuple[str, str]:
    """The imports from `__future__`, and the rest of the function's source."""
    tree = ast.parse(code)
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    lines = LINES.split(code)
    for node in future:
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[number] = ""
    if _collides(tree):
        apart = f"module = types.ModuleType('train')\nexec({code!r}, module.__dict__)\ntrain = module.train\n"
        return "", f"import types\n\n{apart}"
    imports = "\n".join(ast.unparse(node) for node in future)
    return (f"{imports}\n" if imports else ""), "\n".join(lines).strip() + "\n"


def _collides(tree: ast.Module) -> bool:
    """Whether the function's source gives a name at its top that the exported code gives too."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named = {node.name: ""}
        elif isinstance(node, ast.Import):
            named = {a.asname or a.name.partition(".")[0]: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            named = {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        else:
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            named = {n.id: "" for n in stored}
        if any(name in OWN_NAMES or (name in SHARED and SHARED[name] != origin) for name, origin in named.items()):
            return True
    return False


def _scenario(smac_class: str, scenario: Scenario, budgets: bool, raced: bool) -> str:
    more = ""
    if raced:
        more = (
            "    instances=list(instance_of),\n"
            '    instance_features={name: one["features"] for name, one in instance_of.items()},\n'
        )
    if budgets:
        more = f"    min_budget={scenario.min_budget!r},\n    max_budget={scenario.max_budget!r},\n"
    return (
        f"from smac import {smac_class}, Scenario\n\n"
        "scenario = Scenario(\n    space,\n    name=\"optimise\",\n    output_directory=Path(\"smac_output\"),\n"
        "    deterministic=True,\n    use_default_config=True,\n    n_trials=max(2, N_TRIALS),\n    seed=SEED,\n"
        f"{more})\n"
        f"optimiser = {smac_class}(scenario, target_function=None, overwrite=True, logging_level=False)\n"
    )  # fmt: skip


def _model(file: Path) -> str:
    lines = load_lines(str(file.resolve()))
    if not lines[-1].endswith(".read_bytes()"):
        lines.append("print(model.predict(X.head()))")
    return "\n".join(lines) + "\n"


_BEST = """\
highest = max((t["budget"] or 0.0 for t in good), default=0.0)
best = min((t for t in good if (t["budget"] or 0.0) == highest), key=lambda t: t["cost"], default=None)"""
_BEST_OF_RACED = """\
raced = {}  # the costs of each configuration, by instance
for t in good:
    one = raced.setdefault(repr(sorted(t["config"].items())), {"config": t["config"], "costs": {}})
    one["costs"][t["instance"]] = t["cost"]
most = max((len(one["costs"]) for one in raced.values()), default=0)
mean_of = [
    {"config": one["config"], "cost": sum(one["costs"].values()) / most}
    for one in raced.values()
    if len(one["costs"]) == most
]
best = min(mean_of, key=lambda one: one["cost"], default=None)"""


def loop(parts: Parts) -> str:
    """Ask, try, tell, as top-level statements that fill the list `trials` with dicts."""
    at, said = '"budget": info.budget', '"" if info.budget is None else f"  budget {info.budget:g}"'
    if parts.raced:
        at, said = '"instance": info.instance', 'f"  {info.instance}"'
    return f"""\
trials = []
while len(trials) < N_TRIALS:
    try:
        info = optimiser.ask()
    except Exception as error:  # how SMAC says that a small space was gone through
        if type(error).__name__ not in ("StopIteration", "ConfigurationSpaceExhaustedException"):
            raise
        break
    started, problem = time.time(), ""
    try:
        returned = {parts.call}
        cost = {parts.cost}
        if not math.isfinite(cost):
            raise ValueError(f"the loss is {{cost}}; it must be a finite number")
    except Exception as error:  # a failed trial costs more than all that did not
        known = [t["cost"] for t in trials if not t["error"]] or [0.0]
        problem, cost = f"{{type(error).__name__}}: {{error}}", max(known) + max(known) - min(known) + 1.0
    seconds = time.time() - started
    optimiser.tell(info, TrialValue(cost=cost, time=seconds, starttime=started, endtime=started + seconds))
    trials.append({{"config": dict(info.config), {at}, "cost": cost, "error": problem}})
    at = {said}
    print(f"trial {{len(trials):>4}}  cost {{cost:.6g}}{{at}}  {{seconds:.2f}} s  {{problem}}".rstrip(), flush=True)

good = [t for t in trials if not t["error"]]
{_BEST_OF_RACED if parts.raced else _BEST}
print("no trial succeeded" if best is None else f"best cost {{best['cost']}}: {{best['config']}}")
"""
