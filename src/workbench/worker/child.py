"""One call of `train`, in the forked child: trusted code around generated code."""

from __future__ import annotations

import io
import linecache
import os
import sys
import time
import traceback
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from fcntl import F_DUPFD_CLOEXEC, fcntl
from json import dumps, loads  # the functions themselves: generated code may patch the module
from typing import Any

from workbench.nouns import Call, Contract, ContractError, Dataset, Outcome
from workbench.worker import observe, predicting, tensors, variants
from workbench.worker.lane import ANSWER_BYTES, Ends, step_aside
from workbench.worker.pipes import Lines, first_line
from workbench.worker.traces import Traces

FILENAME = "train.py"
MAX_MESSAGE = 600
KEPT_CHARACTERS = 500
MAX_RESULT_BYTES = 1 << 20
AHEAD_BYTES = 1 << 24
"""A copy of so much data is made before the call comes: more of it would lie idle, and look as if the process grew."""


class _Listener(io.TextIOBase):
    """Passes on what is written, and keeps the beginning of it."""

    def __init__(self, target: Any) -> None:
        self.target, self.kept = target, ""

    def write(self, text: str) -> int:
        if len(self.kept) < KEPT_CHARACTERS:
            self.kept += text[:KEPT_CHARACTERS]
        return int(self.target.write(text))

    def flush(self) -> None:
        self.target.flush()


def load(code: str | types.CodeType) -> tuple[Callable[..., Any] | None, dict[str, Any]]:
    """Import generated code as the module `train`, anew each time.

    Parameters
    ----------
    code : str or code object
        The source, or what it was compiled to.

    Returns
    -------
    function or None, dict
        The function, and an empty dict; or None, and the reply that says why there is none.
    """
    if isinstance(code, str):
        linecache.cache[FILENAME] = (len(code), None, code.splitlines(keepends=True), FILENAME)
    module = types.ModuleType("train")
    module.__file__ = FILENAME
    sys.modules["train"] = module
    try:
        exec(compile(code, FILENAME, "exec") if isinstance(code, str) else code, module.__dict__)
    except BaseException as error:  # importing a stranger's code may raise anything
        return None, crashed(error, "importing the code raised")
    function = getattr(module, "train", None)
    if not callable(function):
        return None, {"status": "crashed", "error": "the code defines no function named train; it must define one"}
    return function, {}


def ahead(contract: Contract, datasets: Mapping[str, Dataset], call: Call) -> dict[str, Any] | None:
    """The data that a call like this one is given, so that it need not wait for them; None where they are large."""
    data = datasets[call.data]
    if call.variant or 8 * data.X.shape[0] * data.X.shape[1] > AHEAD_BYTES:
        return None
    return variants.apply(data, {}, with_test=contract.takes_test)


def run(
    function: Callable[..., Any],
    contract: Contract,
    datasets: Mapping[str, Dataset],
    configspace: Any,
    call: Call,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Call `train` as the contract says, and read what it returns.

    Parameters
    ----------
    data : dict, optional
        What it is given, where that was made ahead.

    Returns
    -------
    dict
        The reply as plain values: `status`, `cost`, `metrics`, `seconds`, `error`, `traceback`, `facts`.
    """
    if data is None:
        data = variants.apply(datasets[call.data], call.variant, with_test=contract.takes_test)
    configuration = variants.configuration(configspace, call.config, numpy_types=call.numpy_types)
    arguments: dict[str, Any] = {"cfg": configuration, "dataset": data, "seed": call.seed}
    if contract.takes_budget:
        arguments["budget"] = call.budget
    arguments["model_dir"] = call.model_dir
    before = observe.before(call.observe, data, call)
    started = time.perf_counter()
    try:
        with observe.watching(call.observe, before, FILENAME):
            value = function(**arguments)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are a trial's failure, not ours
        reply = crashed(error, "train raised")
        reply["seconds"] = time.perf_counter() - started
        reply["facts"] = _facts(call, before, data, None, None)
        return reply
    seconds = time.perf_counter() - started
    try:
        outcome = contract.read(value)
    except ContractError as error:
        facts = _facts(call, before, data, value, None)
        return {"status": "crashed", "error": str(error), "seconds": seconds, "facts": facts}
    except BaseException as error:  # a value may define __float__, __len__, … and raise in it
        return {**crashed(error, "reading what train returned raised"), "seconds": seconds}
    return {
        "status": "success",
        "cost": outcome.cost,
        "metrics": dict(outcome.metrics),
        "seconds": seconds,
        "facts": _facts(call, before, data, value, outcome),
    }


def _facts(call: Call, before: Mapping[str, Any], data: Any, value: Any, outcome: Outcome | None) -> dict[str, Any]:
    try:
        return observe.after(call.observe, before, data, call, value, outcome)
    except BaseException as error:  # what was returned, and what became of the data, may raise when it is looked at
        return {"not observed": f"{type(error).__name__}: {_text(error)}"}


def crashed(error: BaseException, what: str) -> dict[str, Any]:
    """The reply for an exception: one sentence, and a traceback of the generated code alone."""
    if isinstance(error, SystemExit):
        sentence = f"train called exit ({_text(error) or 'no code'}); it must return its result"
    else:
        sentence = f"{what} {type(error).__name__}: {_text(error)}".rstrip(": ")
    status = "memory" if isinstance(error, MemoryError) else "crashed"
    return {"status": status, "error": sentence, "traceback": trimmed(error)}


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # an exception's own __str__ may raise
        return "its message could not be shown"
    text = " ".join(text[: 4 * MAX_MESSAGE].split())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def trimmed(error: BaseException) -> str:
    """A traceback with the frames of `train.py` alone, and the last one outside of it."""
    frames = traceback.extract_tb(error.__traceback__, limit=200)
    own = [f for f in frames if f.filename == FILENAME]
    if frames and frames[-1].filename != FILENAME and own:
        own.append(frames[-1])
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(own[-30:])] if own else []
    if isinstance(error, SyntaxError) and error.filename == FILENAME:
        lines = traceback.format_exception_only(error)[:-1]
    return "".join([*lines, f"{type(error).__name__}: {_text(error)}".rstrip(": ")])


def serve(
    code: str,
    contract: Contract,
    datasets: Mapping[str, Dataset],
    configspace: Any,
    calls: int,
    results: int,
    traces: Traces | None = None,
    lane: Ends | None = None,
) -> None:
    """Import the code, wait for a call on file descriptor `calls`, answer on `results`; again where the call allows it.

    A call that came by the lane is answered there where it succeeded and printed nothing.

    An answer carries the token that came with the call: the zygote takes nothing else for one. After a call that may be
    followed by another comes a second line, with what the call left behind as `traces` tell; when that is nothing the
    next one may come.
    """
    said = sys.stdout = _Listener(sys.stdout)
    function, failed = load(code)
    sys.stdout = said.target
    tensors.pass_by_value()
    answering = os.getpid()
    compiled: types.CodeType | None = None
    made: tuple[str, dict[str, Any] | None] = ("", None)
    printed = fcntl(1, F_DUPFD_CLOEXEC, results)  # its own, whatever train does with the usual one
    sources = (Lines(calls), Lines(lane.calls)) if lane is not None else (Lines(calls),)
    while line := first_line(*sources):
        request = loads(line)
        if "call" not in request:
            continue  # the zygote has read what the last call printed
        try:
            call = Call(**request["call"])
            if function is None:
                reply = failed
            elif call.load is not None:
                reply = {"status": "success", "cost": 0.0, "facts": {"load": observe.loaded(call, datasets, contract)}}
            elif call.predict is not None:
                reply = {"status": "success", "cost": 0.0, "facts": predicting.predicted(call, datasets)}
            else:
                data = made[1] if made[0] == call.data and not call.variant else None
                made = ("", None)  # what one call was given is no other's
                reply = run(function, contract, datasets, configspace, call, data)
                del data
            if said.kept and call.observe:
                reply["facts"] = {**reply.get("facts", {}), "import output": said.kept}
        except BaseException as error:  # a configuration not in the space, a variant that the data cannot have
            reply = crashed(error, "preparing the call raised")
        if os.getpid() != answering:
            return  # a copy that train forked, and that came back too
        with suppress(OSError, ValueError):  # it may have closed them
            sys.stdout.flush()
            sys.stderr.flush()
        frame = dumps({**reply, "token": request["token"]}, default=repr).encode() + b"\n"
        if len(frame) > MAX_RESULT_BYTES:
            why = f"the result takes {len(frame):,} bytes; at most {MAX_RESULT_BYTES:,} fit"
            frame = dumps({"status": "crashed", "error": why, "token": request["token"]}).encode() + b"\n"
        directly = lane is not None and request.get("lane") and reply["status"] == "success"
        if lane is not None and directly and len(frame) <= ANSWER_BYTES and lane.is_quiet(printed, calls):
            _send(lane.answers, frame)
            step_aside()
        else:
            _send(results, frame)
        if traces is None or not request.get("again"):
            return
        left = traces.find() if reply["status"] == "success" else ["a failure"]
        _send(results, dumps({"left": left, "cuda": _uses_cuda(), "token": request["token"]}).encode() + b"\n")
        if left:
            return
        traces.put_back()
        compiled = compiled or compile(code, FILENAME, "exec")
        function, failed = load(compiled)
        made = (call.data, ahead(contract, datasets, call))


def _send(descriptor: int, frame: bytes) -> None:
    while frame:
        frame = frame[os.write(descriptor, frame) :]


def _uses_cuda() -> bool:
    """Whether this process has begun to use a GPU through PyTorch."""
    torch: Any = sys.modules.get("torch")
    return bool(torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized())
