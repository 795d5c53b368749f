"""A network runs on the GPU where there is one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.nouns import Case, Example, Job, Rule, Seen
from workbench.rules._mutation import Broken, edited
from workbench.rules._source import calls as all_calls
from workbench.rules._source import imported, qualified, walk

NETWORKS = ("torch", "lightning", "jax", "flax")
LEARNING = ("torch.nn", "torch.optim", "torch.autograd", "torch.hub", "torch.jit", "torchvision")
ASKS = ("torch.cuda.is_available", "torch.accelerator.is_available", "torch.accelerator.current_accelerator")
MOVES = (".to", ".cuda", "torch.set_default_device", "torch.device", "jax.device_put")


def applies(case: Case) -> bool:
    """Only code that makes a network; TensorFlow and Keras go to the GPU by themselves.

    PyTorch that only takes a tensor for an array makes none.
    """
    names = imported(case.tree)
    roots = {value.split(".")[0] for value in names.values()}
    if roots & set(NETWORKS) != {"torch"}:
        return bool(roots & set(NETWORKS))
    said = {*names.values(), *(qualified(n, names) for n in walk(case.tree) if isinstance(n, ast.Attribute))}
    return any(name.startswith(LEARNING) for name in said) or any(
        name.endswith(".backward") for _, name in all_calls(case)
    )


def find(case: Case) -> Iterator[Seen]:
    """A device that is chosen from what is available, and something moved to it."""
    names = [name for _, name in all_calls(case)]
    fixed = [n for n in walk(case.tree) if isinstance(n, ast.Constant) and n.value in ("cuda", "cuda:0", "gpu")]
    if any(v.split(".")[0] in ("jax", "flax") for v in imported(case.tree).values()):
        return  # JAX chooses the device itself
    if not any(n in ASKS for n in names):
        if fixed:
            yield Seen.at(
                fixed[0],
                "the device is fixed, and the call fails where there is no GPU; ask `torch.cuda.is_available()`",
            )
        else:
            line = case.train.lineno if case.train else None
            yield Seen(
                "fail", "no device is chosen: the network stays on the CPU; ask `torch.cuda.is_available()`", line
            )
    elif not any(n.endswith(MOVES) for n in names) and not any(k.arg == "device" for k in _keywords(case)):
        line = case.train.lineno if case.train else None
        yield Seen(
            "fail", "a device is asked for and nothing is moved to it; `network.to(device)`, and the batches too", line
        )


def _keywords(case: Case) -> list[ast.keyword]:
    return [k for call, _ in all_calls(case) for k in call.keywords]


def mutate(tree: ast.Module, job: Job) -> Iterator[Broken]:
    """The device is fixed, or nothing moves to it."""

    def chooses(node: ast.AST) -> bool:
        return isinstance(node, ast.IfExp) and "is_available" in ast.unparse(node.test)

    for device in ("cpu", "cuda"):
        for broken in edited(tree, chooses, lambda node, device=device: ast.Constant(device)):  # type: ignore[misc]
            yield f"the device is {device}", broken


RULE = Rule(
    id="gpu",
    group="practice",
    level={"*": "must"},
    text="Run a network on the GPU where there is one, and on the CPU where not.",
    applies=applies,
    find=find,
    examples=(
        Example('torch.device("cuda" if torch.cuda.is_available() else "cpu")', 'torch.device("cpu")', base="network"),
        Example('torch.device("cuda" if torch.cuda.is_available() else "cpu")', 'torch.device("cuda")', base="network"),
    ),
    mutate=mutate,
    order=510,
)
