"""`%load_ext workbench`, then `%%train`: a hand-written function through the same checks as a generated one.

The cell is never executed in the kernel: it becomes the session's candidate, is read and probed in the isolated
worker, and its report is printed.
"""

from __future__ import annotations

import shlex
from typing import Any

from workbench import check as checks
from workbench.nouns import WorkbenchError
from workbench.session import Session

USAGE = "%%train [SESSION] [--static]: SESSION is the name of a variable, --static reads the code and calls nothing"


def register(shell: Any) -> None:
    """Offer `%%train` to an IPython shell."""

    def train(line: str, cell: str) -> None:
        try:
            print(check_cell(shell.user_ns, line, cell))
        except WorkbenchError as error:
            print(f"workbench: {error}")

    shell.register_magic_function(train, magic_kind="cell", magic_name="train")


def check_cell(namespace: dict[str, Any], line: str, cell: str) -> str:
    """Make the cell the candidate of a session and check it.

    Parameters
    ----------
    namespace : dict
        The person's variables, in which the session is looked up.
    line : str
        What follows `%%train`.
    cell : str
        The function.

    Returns
    -------
    str
        The report as text.

    Raises
    ------
    WorkbenchError
        If there is no session, or more than one and none is named; or if the session has no dataset yet.
    """
    words = shlex.split(line)
    static = "--static" in words
    names = [w for w in words if w != "--static"]
    if len(names) > 1 or any(n.startswith("-") for n in names):
        raise WorkbenchError(f"cannot read {line!r}; the form is {USAGE}")
    session = _session(namespace, names[0] if names else None)
    candidate = session.edit(cell)
    return checks.to_text(session.check(probe=not static), candidate.code)


def _session(namespace: dict[str, Any], name: str | None) -> Session:
    sessions = {n: v for n, v in namespace.items() if isinstance(v, Session) and not n.startswith("_")}
    if name is not None:
        if name not in sessions:
            raise WorkbenchError(f"{name!r} is no session; there are: {', '.join(sorted(sessions)) or 'none'}")
        return sessions[name]
    if len({id(s) for s in sessions.values()}) == 1:
        return next(iter(sessions.values()))
    if not sessions:
        raise WorkbenchError("there is no session yet; make one with wb = Workbench() and load a dataset")
    raise WorkbenchError(
        f"there are several sessions ({', '.join(sorted(sessions))}); name one: %%train {min(sessions)}"
    )
