"""`workbench`: the same path from a terminal.

A view on `workbench.session`, like the widgets: it parses words, calls the session, prints.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import __version__, cli_models, cli_plan, cli_runs
from workbench.nouns import WorkbenchError

if TYPE_CHECKING:
    from workbench.nouns import Report
    from workbench.runs import Run
    from workbench.session import Session

INTERRUPTED = 130
"""What a shell says of a command that Ctrl-C has ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a negative answer, 2 something that could not be done, 130 Ctrl-C."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # what a terminal cannot show is no reason to end
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            arguments = _parser().parse_args(argv)
            return int(arguments.command(arguments))
        finally:
            sys.stdout.flush()  # here, where it is known what a reader who went away means
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("workbench: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away; there is nobody left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbench",
        description="Author, check and run AutoML training functions under SMAC.",
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    lab = commands.add_parser("lab", help="open JupyterLab on the workbench notebook")
    lab.add_argument("notebook", nargs="?", type=Path, help="another notebook to open")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.set_defaults(command=_lab)

    run = commands.add_parser("run", help="optimise a train function on a table and print the trajectory")
    _add_job(run, data_required=False)
    cli_runs.add_options(run)
    run.add_argument("--train", type=Path, metavar="FILE", help="your own train function; else the composer writes it")
    run.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="where run folders are made")
    run.add_argument(
        "--override", default="", metavar="REASON", help="run in spite of failed must rules; the reason is kept"
    )
    run.set_defaults(command=_run)

    listing = commands.add_parser("runs", help="list the runs of a folder")
    listing.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER")
    listing.set_defaults(command=_runs)

    check = commands.add_parser("check", help="check a train function against the rule book")
    check.add_argument("file", type=Path)
    _add_job(check)
    check.add_argument("--static", action="store_true", help="read the code only, call nothing")
    check.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    check.set_defaults(command=_check)

    compose = commands.add_parser("compose", help="print the train function that the offline composer writes")
    _add_job(compose)
    compose.set_defaults(command=_compose)

    cli_plan.add_commands(commands, _add_job, _session)
    cli_models.add_commands(commands, _add_job, _session)

    prompt = commands.add_parser("prompt", help="print the filled prompt")
    _add_job(prompt)
    prompt.add_argument("--compare", type=Path, metavar="FILE", help="print the difference to another variant instead")
    prompt.set_defaults(command=_prompt)

    opened = commands.add_parser("open", help="print the result of a run")
    opened.add_argument("run", type=Path, metavar="RUN", help="its folder")
    opened.set_defaults(command=_open)

    export = commands.add_parser("export", help="write a run as a script, a notebook or an HTML report")
    export.add_argument("run", type=Path, metavar="RUN", help="its folder")
    export.add_argument("--as", dest="form", choices=("script", "notebook", "report"), default="report")
    export.add_argument("--out", type=Path, metavar="FILE", help="a file or folder; export/ in the run's own otherwise")
    export.set_defaults(command=_export)

    doctor = commands.add_parser("doctor", help="say what this machine has: versions, guard, GPU")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_job(parser: argparse.ArgumentParser, *, data_required: bool = True) -> None:
    """The words that describe a job, the same for every command that needs one."""
    job = parser.add_argument_group("job")
    job.add_argument("--data", required=data_required, metavar="TABLE", help="a file, or builtin:NAME")
    job.add_argument("--target", help="the column to predict")
    job.add_argument(
        "--drop", action="append", default=[], metavar="COLUMN", help="a column to leave out; may be given repeatedly"
    )
    job.add_argument("--task", choices=("classification", "regression"), help="guessed from the target when left out")
    job.add_argument(
        "--test-share", type=float, default=0.0, metavar="SHARE", help="share of rows put aside as test part"
    )
    job.add_argument("--test-file", metavar="TABLE", help="a table with the same columns as test part")
    job.add_argument("--test-column", metavar="COLUMN[=VALUE]", help="the test part are the rows that hold VALUE there")
    job.add_argument(
        "--test-time",
        metavar="COLUMN[=FROM]",
        help="the latest rows (--test-share of them), or FROM on",
    )
    job.add_argument(
        "--holdout", metavar="SHARE|TABLE", help="rows sealed before anything else, which no generated code ever sees"
    )
    job.add_argument(
        "--type",
        action="append",
        default=[],
        dest="types",
        metavar="COLUMN=TYPE",
        help="read a column as number, category, text, date, or 'leave out'; may be given repeatedly",
    )
    job.add_argument("--preset", metavar="ID", help="a preset space; the first one for the task when left out")
    job.add_argument(
        "--space", type=Path, metavar="FILE", help="a space as JSON, YAML or Python code, in place of a preset"
    )
    job.add_argument(
        "--facade", default="hpo", metavar="ID", help="hpo, blackbox, multifidelity, hyperband, random, ac"
    )
    job.add_argument("--contract", default="model", metavar="ID", help="loss, model or metrics")
    job.add_argument("--plan", default="", metavar="TEXT", help="your words on how train should go about it")
    job.add_argument("--variant", type=Path, metavar="FILE", help="a prompt variant (YAML), or a template of your own")
    numbers = parser.add_argument_group("scenario")
    numbers.add_argument("--trials", type=int, dest="n_trials", metavar="N")
    numbers.add_argument("--min-budget", type=float, metavar="B")
    numbers.add_argument("--max-budget", type=float, metavar="B")
    numbers.add_argument("--seed", type=int, metavar="N")
    numbers.add_argument(
        "--instances",
        metavar="N|COLUMN",
        help="what ac races over: so many seeds, or a table for each value of a column",
    )
    numbers.add_argument("--workers", type=int, metavar="N", help="trials at a time")
    numbers.add_argument(
        "--ask-ahead",
        action="store_true",
        default=None,
        dest="ask_ahead",
        help="choose the next configuration while trials run",
    )
    numbers.add_argument("--devices", metavar="0,1", help="the GPUs that the workers share, by index or UUID")
    cluster = numbers.add_mutually_exclusive_group()
    cluster.add_argument("--dask", metavar="ADDRESS", help="run trials on the workers of this Dask scheduler")
    cluster.add_argument(
        "--cluster",
        nargs="+",
        metavar="CLASS",
        help="start one: a cluster class of Dask or dask-jobqueue with key=value options, or a YAML or TOML file",
    )
    numbers.add_argument("--trial-limit", type=float, dest="trial_limit_s", metavar="SECONDS")
    numbers.add_argument("--memory-limit", type=int, dest="memory_limit_mb", metavar="MB")
    numbers.add_argument("--objectives", metavar="NAMES", help="what is optimised, such as loss,fit_seconds")
    numbers.add_argument("--wall-limit", type=float, dest="wall_limit_s", metavar="SECONDS", help="for the whole run")


def _session(arguments: argparse.Namespace) -> Session:
    from workbench import space
    from workbench.nouns import SpaceError
    from workbench.session import Session

    session = Session(getattr(arguments, "runs", Path("runs")))
    session.load(
        arguments.data,
        arguments.target,
        arguments.task,
        test=_test_part(arguments),
        holdout=_share_or_file(arguments.holdout),
        types=_types(arguments.types),
        drop=arguments.drop,
    )
    session.facade = arguments.facade
    session.contract = arguments.contract
    session.plan = arguments.plan
    if arguments.variant:
        from workbench.prompts import read_variant

        session.variant = read_variant(arguments.variant)
    if arguments.preset:
        session.preset(arguments.preset)
    if arguments.space:
        try:
            text = arguments.space.read_text(encoding="utf-8")
        except OSError as error:
            raise SpaceError(f"cannot read the space {arguments.space}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SpaceError(f"{arguments.space} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
        if arguments.space.suffix == ".py":
            session.import_space(text)
        else:
            session.space.replace((space.from_json if arguments.space.suffix == ".json" else space.from_yaml)(text))
    names = (
        "n_trials",
        "min_budget",
        "max_budget",
        "seed",
        "workers",
        "ask_ahead",
        "trial_limit_s",
        "memory_limit_mb",
        "wall_limit_s",
    )
    given = {n: getattr(arguments, n) for n in names if getattr(arguments, n) is not None}
    if arguments.instances is not None:
        given["instances"] = int(arguments.instances) if arguments.instances.isdecimal() else arguments.instances
    if arguments.objectives:
        given["objectives"] = [name.strip() for name in arguments.objectives.split(",") if name.strip()]
    given |= _places(arguments)
    if given:
        session.set_scenario(**given)
    return session


def _test_part(arguments: argparse.Namespace) -> Any:
    """What `--test-share`, `--test-file`, `--test-column` and `--test-time` say together."""
    from workbench.nouns import DatasetError, Split

    given = [name for name in ("file", "column", "time") if getattr(arguments, f"test_{name}")]
    if len(given) > 1 or (given not in ([], ["time"]) and arguments.test_share):
        words = [f"--test-{name}" for name in given] + (["--test-share"] if arguments.test_share else [])
        raise DatasetError(f"{' and '.join(words)} cannot go together; give one of them")
    if arguments.test_file:
        return Split("file", file=arguments.test_file)
    if arguments.test_column:
        column, _, value = arguments.test_column.partition("=")
        return Split("column", column=column, value=value)
    if arguments.test_time:
        column, _, value = arguments.test_time.partition("=")
        return Split("time", column=column, value=value, share=0.0 if value else arguments.test_share)
    return arguments.test_share


def _share_or_file(text: str | None) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _types(pairs: Sequence[str]) -> dict[str, str]:
    from workbench.nouns import DatasetError

    for pair in pairs:
        if "=" not in pair:
            raise DatasetError(f"--type {pair!r} names no type; write COLUMN=TYPE, such as age=category")
    return {column: kind for column, _, kind in (pair.rpartition("=") for pair in pairs)}


def _places(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where trials are to be run, as parts of a scenario."""
    from workbench import runs

    given: dict[str, Any] = {}
    if arguments.devices:
        given["devices"] = tuple(d.strip() for d in arguments.devices.split(",") if d.strip())
    if arguments.dask or arguments.cluster:
        given["cluster"] = runs.read_cluster([arguments.dask] if arguments.dask else arguments.cluster)
    return given


def _print_notes(session: Session) -> None:
    """What a person should know of the table before anything is called, where pipes do not see it."""
    notices = session.dataset.profile.notices if session.dataset is not None else ()
    for notice in notices:
        if notice.level == "warning":
            print(f"workbench: note: {notice.text}", file=sys.stderr, flush=True)
    if not session.isolation_agreed:
        print(f"workbench: note: {session.isolation.text}", file=sys.stderr, flush=True)


def _lab(arguments: argparse.Namespace) -> int:
    notebook = arguments.notebook or _notebook()
    command = [sys.executable, "-m", "jupyterlab", str(notebook)]
    if arguments.no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in most containers, where Jupyter would refuse to start
        command.append("--allow-root")
    before = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for JupyterLab, which asks back and clears up
    try:
        return subprocess.call(command)
    finally:
        signal.signal(signal.SIGINT, before)


def _notebook() -> Path:
    """The workbench notebook: the one beside us, or a fresh one in this folder."""
    here = Path("notebooks/workbench.ipynb")
    if here.exists():
        return here
    fresh = Path("workbench.ipynb")
    if not fresh.exists():
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "id": "workbench",
            "metadata": {},
            "outputs": [],
            "source": ["from workbench import Workbench\n", "\n", "wb = Workbench()\n", "wb"],
        }
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        book = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        fresh.write_text(json.dumps(book, indent=1), encoding="utf-8")
    return fresh


def _read_train(file: Path) -> str:
    from workbench.nouns import CheckError

    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CheckError(f"cannot read the function {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CheckError(f"{file} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _run(arguments: argparse.Namespace) -> int:
    from workbench import runs

    if (run := cli_runs.gone_on(arguments)) is not None:
        return _watched(run)
    session = _session(arguments)
    if arguments.train:
        session.edit(_read_train(arguments.train))
    else:
        session.generate()
    session.require_runnable()  # before the check, which takes a while
    _print_notes(session)
    runs.prepare()  # SMAC is imported while the function is checked
    report = session.check()
    if report.blocking and not arguments.override:
        _print_report(session, report, "text")
        print("workbench: not run; mend the function, or give --override REASON", file=sys.stderr)
        return 1
    return _watched(session.run(override=arguments.override, reuse=arguments.reuse))


def _watched(run: Run) -> int:
    """Follow a run to its end, which Ctrl-C brings about."""
    from workbench import results

    print(f"run folder: {run.folder}", flush=True)
    if reused := run.about.get("reused"):
        print(reused["text"], flush=True)
    try:
        _follow(run)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
        run.stop()
        run.wait(10)
        run.refresh()
    print(results.summary(run))
    return 0 if run.state in ("finished", "stopped") and run.incumbent is not None else 1


def _follow(run: Run) -> None:
    """Print progress until the run ends: one line rewritten on a terminal, a line for each gain elsewhere."""
    live = sys.stdout.isatty()
    shown: tuple[int, float | None] = (-1, None)
    waiting = ""
    started = time.monotonic()
    while True:
        ended = run.state in ("finished", "stopped", "failed")
        run.refresh()
        done, total = run.progress
        best = run.incumbent.cost if run.incumbent is not None else None
        if waiting != (waiting := run.waiting) and waiting:
            print(f"{chr(10) if live and done else ''}waiting: {waiting}", flush=True)
        if (done, best) != shown:
            cost = "–" if best is None else f"{best:.6g}"
            line = f"{done:>5} of {total} trials   best cost {cost}   {time.monotonic() - started:.0f} s"
            if live:
                width = shutil.get_terminal_size().columns - 1
                print(f"\r{line[:width]:<{width}}", end="", flush=True)
            elif best != shown[1] or done == total or done % 10 == 0:
                print(line, flush=True)
            shown = (done, best)
        if ended:
            break
        run.wait(0.2)
    if live:
        print()


def _runs(arguments: argparse.Namespace) -> int:
    from workbench import runs

    found = runs.find(arguments.runs)
    if not found:
        print(f"no runs in {arguments.runs}")
        return 0
    for run in found:
        run.refresh()
        done, total = run.progress
        best = f"{run.incumbent.cost:.6g}" if run.incumbent is not None else "–"
        print(f"{run.state:<9} {done:>5}/{total:<5} best {best:<12} {run.folder}")
    return 0


def _print_report(session: Session, report: Report, form: str) -> None:
    from workbench import check

    code = session.candidate.code if session.candidate is not None else ""
    writer = {"text": check.to_text, "json": check.to_json, "sarif": check.to_sarif}[form]
    print(writer(report, code))


def _check(arguments: argparse.Namespace) -> int:
    session = _session(arguments)
    session.edit(_read_train(arguments.file))
    _print_notes(session)
    report = session.check(probe=not arguments.static)
    _print_report(session, report, arguments.format)
    return 1 if report.blocking else 0


def _compose(arguments: argparse.Namespace) -> int:
    print(_session(arguments).generate().code, end="")
    return 0


def _prompt(arguments: argparse.Namespace) -> int:
    from workbench.nouns import PromptError

    session = _session(arguments)
    if session.prompt is None:
        raise PromptError(session.prompt_error)
    if arguments.compare:
        from workbench import prompts

        other = prompts.render(session.job(), prompts.read_variant(arguments.compare))
        first = str(arguments.variant or "plain")
        print(prompts.compare(session.prompt.text, other.text, (first, str(arguments.compare))))
        return 0
    print(session.prompt.text, end="")
    return 0


def _open(arguments: argparse.Namespace) -> int:
    from workbench import results, runs

    run = runs.open(arguments.run)
    run.refresh()
    print(results.summary(run))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from workbench.session import Session

    print(Session().export(arguments.form, arguments.out, run=arguments.run))
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from importlib.metadata import PackageNotFoundError, version

    from workbench import devices
    from workbench.worker import guard

    print(f"workbench {__version__}, Python {sys.version.split()[0]} on {sys.platform}, {os.cpu_count()} cores")
    for package in ("smac", "ConfigSpace", "scikit-learn", "pandas", "jupyterlab", "ipywidgets", "openai", "torch"):
        try:
            print(f"  {package:<14} {version(package)}")
        except PackageNotFoundError:
            print(f"  {package:<14} not installed")
    print(f"GPU: {devices.summary()}")
    print("guard around generated code:")
    for name, state in guard.available().items():
        print(f"  {name:<14} {state}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
