"""A failing call as a script that shows it again, outside the workbench."""

from __future__ import annotations

from workbench import contracts
from workbench.nouns import Call, Case, Dataset


def snippet(case: Case, call: Call) -> str:
    """Python that makes the same call: `train.py` and the table beside it are all that it needs."""
    dataset = case.job.dataset
    lines = [
        "from ConfigSpace import Configuration",
        "",
        "from train import train",
        "from workbench import datasets, space",
        "",
        f"data = {_loaded(dataset)}",
    ]
    if call.data == "made":
        lines = [*lines[:3], "from workbench import space", "from workbench.check.sample import made_up", ""]
        lines.append(f"data = made_up({dataset.task!r})")
    else:
        lines[3] = "from workbench import datasets, space"
        lines.append("from workbench.check.sample import sample")
        lines.append("data = sample(data)")
    with_test = contracts.get(case.job.contract).takes_test
    lines += [
        "from workbench.worker import variants",
        "",
        f"dataset = variants.apply(data, {dict(call.variant)!r}, with_test={with_test})",
        f"hyperparameters = space.from_json({_space_json(case)!r})",
        f"cfg = Configuration(space.to_configspace(hyperparameters), values={dict(call.config)!r})",
    ]
    if call.numpy_types:
        lines[-1] = (
            "cfg = variants.configuration("
            f"space.to_configspace(hyperparameters), {dict(call.config)!r}, numpy_types=True)"
        )
    arguments = ["cfg", "dataset", f"seed={call.seed}"]
    if case.takes_budget:
        arguments.append(f"budget={call.budget}")
    if call.model_dir is not None:
        arguments.append(f"model_dir={call.model_dir!r}")
    lines.append(f"print(train({', '.join(arguments)}))")
    return "\n".join(lines) + "\n"


def _loaded(dataset: Dataset) -> str:
    """The call that loads the same data; a table that was in memory stands there as `table`."""
    words = [repr(dataset.source) if dataset.source != "dataframe" else "table"]
    words += [f"target={dataset.target!r}", f"task={dataset.task!r}"]
    if dataset.dropped:
        words.append(f"drop={list(dataset.dropped)!r}")
    if dataset.test_share:
        words.append(f"test_share={dataset.test_share!r}")
    return f"datasets.load({', '.join(words)})"


def _space_json(case: Case) -> str:
    from workbench import space

    return space.to_json(case.job.space)
