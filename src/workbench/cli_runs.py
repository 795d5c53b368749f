"""Runs from a terminal: going on with one, asking more of one, taking over what still holds of one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.nouns import RunError

if TYPE_CHECKING:
    from workbench.runs import Run


def add_options(run: argparse.ArgumentParser) -> None:
    """The words of `workbench run` that speak of an earlier run."""
    earlier = run.add_argument_group("an earlier run")
    earlier.add_argument("earlier", nargs="?", type=Path, metavar="RUN", help="its folder, for --resume and --more")
    earlier.add_argument("--resume", action="store_true", help="go on with it; no trial is repeated")
    earlier.add_argument(
        "--more",
        type=int,
        metavar="N",
        help="N trials more of it, also when it has finished; --wall-limit with it is a new limit (inf: none)",
    )
    earlier.add_argument(
        "--accept-changes", action="store_true", help="go on although a library has another version than before"
    )
    earlier.add_argument(
        "--reuse", type=Path, metavar="RUN", help="a new run that takes over the trials of RUN that hold in it"
    )


def gone_on(arguments: argparse.Namespace) -> Run | None:
    """The earlier run that goes on now, None where a new one is asked for.

    Raises
    ------
    RunError
        If the words do not say which of them, or the run cannot go on.
    """
    from workbench import runs

    if not arguments.resume and arguments.more is None:
        if arguments.earlier is not None:
            raise RunError(f"what is to be done with {arguments.earlier}? give --resume, --more N or --reuse with it")
        if arguments.data is None:
            raise RunError("nothing to run: give --data TABLE for a new run, or --resume RUN")
        return None
    if arguments.earlier is None:
        raise RunError(f"which run? give its folder: workbench run {_words(arguments)} RUN")
    if arguments.data is not None:
        raise RunError("a run that goes on has its data and its function; give --data with --reuse RUN for a new one")
    found = runs.open(arguments.earlier)
    if arguments.more is not None:
        found.extend(arguments.more, wall_limit_s=arguments.wall_limit_s, accept_changes=arguments.accept_changes)
    elif found.alive:
        found.resume()
    else:
        found.start(accept_changes=arguments.accept_changes)
    return found


def _words(arguments: argparse.Namespace) -> str:
    return "--resume" if arguments.more is None else f"--more {arguments.more}"
