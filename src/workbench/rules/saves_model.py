"""With a folder the model is written, without one nothing is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import again, default_call
from workbench.rules._mutation import Broken, at_start, edited
from workbench.rules._source import names_in

BESIDE = (".json", ".txt", ".md", ".yaml", ".yml", ".csv", ".log")


def find(case: Case) -> Iterator[Seen]:
    """Whether `model_dir` is read."""
    if case.train is not None and "model_dir" not in {n for s in case.train.body for n in names_in(s)}:
        yield Seen.at(case.train, "`model_dir` is never read: nothing is saved")


def model_files(reply: Reply) -> list[str]:
    """What a call wrote into its folder, without what only lies beside a model."""
    return [n for n, size in reply.facts.get("files", {}).items() if size > 0 and not n.lower().endswith(BESIDE)]


def calls(case: Case) -> Mapping[str, Call]:
    """With a folder that is not there yet, and without one."""
    return {"default": default_call(case), "again": again(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """A file appears; none does without a folder."""
    saved = replies["default"]
    if saved.status != "success":
        plain = replies["again"].status == "success"
        text = f"with a `model_dir` that does not exist yet: {saved.error}"
        return [Seen("fail" if plain else "unknown", text, call=default_call(case), traceback=saved.traceback)]
    if not model_files(saved):
        there = ", ".join(saved.facts.get("files", {})) or "nothing"
        return [
            Seen(
                "fail",
                f"after a call with `model_dir` there is {there} in it; the model is missing",
                call=default_call(case),
            )
        ]
    left = list(replies["again"].facts.get("files", {}))
    if left:
        return [Seen("fail", f"without `model_dir` it writes {', '.join(left[:3])}", call=again(case))]
    return []


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Nothing is saved, the folder is not made, or something is saved without one."""
    yield "model_dir is forgotten", at_start(tree, "model_dir = None")

    def makes(node: ast.AST) -> bool:
        return isinstance(node, ast.Expr) and ".mkdir(" in ast.unparse(node)

    def dumps(node: ast.AST) -> bool:
        text = ast.unparse(node) if isinstance(node, ast.Expr) else ""
        return text.startswith(("joblib.dump", "torch.save"))

    for broken in edited(tree, makes, lambda node: ast.Pass()):
        yield "the folder is not made", broken
    for broken in edited(tree, dumps, lambda node: ast.Pass()):
        yield "the model is not written", broken
    yield "saved without a folder too", at_start(tree, "model_dir = model_dir or 'models'")


RULE = Rule(
    id="saves-model",
    group="saved model",
    level={"*": "must", "metrics": "should"},
    text="When `model_dir` is given, make the folder if need be and write the model into it in its framework's "
    "own format; without it, write nothing.",
    find=find,
    probe=Probe(calls, judge),
    examples=(
        Example('        joblib.dump(model, folder / f"{name}.joblib")\n', ""),
        Example("folder.mkdir(parents=True, exist_ok=True)", "pass"),
    ),
    mutate=mutate,
    order=440,
)
