"""Everything that is used is imported, and everything imported is here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec

from pyflakes import messages

from workbench.nouns import Call, Case, Example, Job, Probe, Reply, Rule, Seen
from workbench.rules._calls import default_call
from workbench.rules._mutation import Broken, at_top, edited
from workbench.rules._source import flakes, walk

PACKAGES = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "yaml": "pyyaml",
}
"""What to install where a module's name is not the package's."""

FRAMEWORKS = {"torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "TensorFlow", "jax": "JAX", "flax": "JAX"}


def find(case: Case) -> Iterator[Seen]:
    """Undefined names, modules that are not here, two frameworks at once."""
    for message in flakes(case):
        if isinstance(message, messages.UndefinedName | messages.UndefinedLocal):
            name = message.message_args[0]
            text = f"`{name}` is used and neither imported nor defined"
            yield Seen("fail", text, message.lineno, message.col)
        elif isinstance(message, messages.ImportStarUsed):
            text = "`import *` hides which names there are; import them by name"
            yield Seen("unknown", text, message.lineno, message.col)
    frameworks: dict[str, ast.AST] = {}
    for node, module in _modules(case.tree):
        top = module.split(".")[0]
        if find_spec(top) is None:
            package = PACKAGES.get(top, top)
            yield Seen.at(node, f"the module `{top}` is not installed here; `pip install {package}` would bring it")
        if top in FRAMEWORKS:
            frameworks.setdefault(FRAMEWORKS[top], node)
    if len(frameworks) > 1:
        names = " and ".join(frameworks)
        yield Seen.at(
            list(frameworks.values())[1], f"{names} are imported together; one framework is meant for one model"
        )


def _modules(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node, name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module


def calls(case: Case) -> Mapping[str, Call]:
    """Any call imports the code first."""
    return {"default": default_call(case)}


def judge(case: Case, replies: Mapping[str, Reply]) -> Iterable[Seen]:
    """Whether the imports went through in the worker."""
    reply = replies["default"]
    if reply.error.startswith("importing the code raised"):
        return [Seen("fail", reply.error, call=default_call(case), traceback=reply.traceback)]
    missing = ("ModuleNotFoundError", "ImportError", "NameError", "UnboundLocalError")
    if any(f"raised {kind}" in reply.error for kind in missing):
        return [Seen("fail", reply.error, call=default_call(case), traceback=reply.traceback)]
    return []


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """Each import is dropped; a module that is nowhere is imported."""

    def third_party(node: ast.AST) -> bool:
        return isinstance(node, ast.Import | ast.ImportFrom) and "typing" not in ast.unparse(node)

    for broken in edited(tree, third_party, lambda node: None, most=6):
        yield "an import is dropped", broken
    yield "a module that is nowhere", at_top(tree, "import automl_magic\n_ = automl_magic")


RULE = Rule(
    id="imports",
    group="reply",
    level={"*": "must"},
    text="Import everything that is used and nothing else; use one learning framework for one model.",
    find=find,
    probe=Probe(calls, judge),
    examples=(Example("import joblib\n", ""),),
    mutate=mutate,
    order=30,
)
