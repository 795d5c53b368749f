"""The commands that ask models: `workbench generate`, `models` and `recording`."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.nouns import GenerateError

if TYPE_CHECKING:
    from workbench.session import Session

MakeSession = Callable[[argparse.Namespace], "Session"]
AddJob = Callable[[argparse.ArgumentParser], None]


def add_commands(commands: Any, add_job: AddJob, make_session: MakeSession) -> None:
    """Add them to the parser of all commands.

    Parameters
    ----------
    commands : subparsers
        What `ArgumentParser.add_subparsers` gave.
    add_job : function
        Adds the words that describe a job.
    make_session : function
        Makes a session of them.
    """
    generate = commands.add_parser("generate", help="have a model write the train function, and check it")
    add_job(generate)
    add_model(generate)
    generate.add_argument("-o", "--output", type=Path, metavar="FILE", help="where the function goes; else printed")
    generate.add_argument(
        "--repair", type=int, default=0, metavar="N", help="send it back at most N times with what fails"
    )
    generate.add_argument("--no-check", action="store_true", help="do not check what came")
    generate.set_defaults(command=lambda arguments: _generate(arguments, make_session))

    models = commands.add_parser("models", help="list the models that a server has")
    _add_server(models)
    models.set_defaults(command=_models)

    recording = commands.add_parser("recording", help="write the recorded calls of models to one file, for --replay")
    recording.add_argument("file", type=Path)
    recording.add_argument("--record", type=Path, metavar="FILE", help="the record to read; else the usual one")
    recording.add_argument("--variant", metavar="NAME", help="only the calls with this variant of the prompt")
    recording.set_defaults(command=_recording)


def _add_server(parser: argparse.ArgumentParser) -> None:
    from workbench.generate.providers import PROVIDERS

    parser.add_argument("--provider", metavar="ID", help=f"who serves the model: {', '.join(PROVIDERS)}")
    parser.add_argument("--base-url", default="", metavar="URL", help="the server's address, if not the provider's own")
    parser.add_argument("--ask-key", action="store_true", help="ask for the key, in place of environment or keyring")


def add_model(parser: argparse.ArgumentParser) -> None:
    """The words that say which model is asked, and how."""
    group: Any = parser.add_argument_group("model", "without these, the offline composer writes")
    _add_server(group)
    group.add_argument("--model", default="", metavar="NAME", help="as `workbench models` lists it")
    group.add_argument("--temperature", type=float, metavar="T", help="from 0 to 2")
    group.add_argument("--model-seed", type=int, metavar="N", help="a seed for the model")
    group.add_argument("--max-tokens", type=int, metavar="N", help="the longest reply")
    group.add_argument("--call-limit", type=float, default=600.0, metavar="SECONDS", help="for one call, with retries")
    group.add_argument("--retries", type=int, default=4, metavar="N", help="how often a busy server is asked again")
    group.add_argument("--max-cost", type=float, metavar="C", help="stop calling once so much is spent")
    group.add_argument("--max-total-tokens", type=int, metavar="N", help="stop calling once so many tokens are used")
    group.add_argument("--reuse", action="store_true", help="answer the same request from the record")
    group.add_argument("--record", type=Path, metavar="FILE", help="where calls are recorded; else the usual place")
    group.add_argument("--replay", type=Path, metavar="FILE", help="answer from a recording, without a server")


def choose_model(session: Session, arguments: argparse.Namespace) -> None:
    """Make the session use the model that the words name.

    Raises
    ------
    GenerateError
        If it cannot be used, or none is named and the server has several.
    """
    session.record_file = arguments.record
    session.reuse = arguments.reuse
    session.set_budget(arguments.max_cost, arguments.max_total_tokens)
    if arguments.provider or arguments.base_url or arguments.model:
        provider = arguments.provider or "other"
        if arguments.ask_key:
            session.give_key(None, provider, arguments.base_url)
        session.use_model(
            arguments.model or _only(session, provider, arguments.base_url),
            provider,
            arguments.base_url,
            temperature=arguments.temperature,
            seed=arguments.model_seed,
            max_tokens=arguments.max_tokens,
            timeout_s=arguments.call_limit,
            retries=arguments.retries,
        )
    if arguments.replay:
        session.use_recording(arguments.replay)


def _only(session: Session, provider: str, base_url: str) -> str:
    """The model of a server that has one."""
    names = session.list_models(provider, base_url)
    if len(names) != 1:
        listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        raise GenerateError(f"the server has {len(names)} models; name one with --model: {listed}")
    return names[0]


def _generate(arguments: argparse.Namespace, make_session: MakeSession) -> int:
    from workbench import check

    session = make_session(arguments)
    choose_model(session, arguments)
    follow(session)
    candidate = interruptible(session.generate, session.cancel, "workbench-generate")
    stopped = session.completion is not None and not session.completion.whole
    report = None if arguments.no_check or stopped else session.check()
    if report is not None and report.blocking and arguments.repair:
        repaired = interruptible(lambda: session.repair(arguments.repair), session.cancel, "workbench-repair")
        _say(f"workbench: {repaired.text}")
        report = session.report
    candidate = session.candidate or candidate
    _say(usage_line(session))
    if candidate.note and candidate.origin != "composer":
        _say(f"workbench: note: {candidate.note}")
    if arguments.output:
        try:
            arguments.output.write_text(candidate.code, encoding="utf-8")
        except OSError as error:
            raise GenerateError(f"cannot write {arguments.output}: {error.strerror}; choose another place") from error
    else:
        print(candidate.code, end="", flush=True)
    if report is not None:
        _say(check.to_text(report, candidate.code))
    return 1 if stopped or (report is not None and report.blocking) else 0


def usage_line(session: Session) -> str:
    """What the calls of this session used, in words; empty where there was none."""
    from workbench.session import usage_words

    done = session.completion
    if done is None:
        return ""
    if done.source != "model":
        return "answered from the record" if done.source == "record" else "replayed from a recording"
    spent = session.spent
    calls = f"{spent.calls} call{'s' if spent.calls != 1 else ''}: "
    return calls + usage_words(spent, session.currency)


def follow(session: Session) -> None:
    """Show on standard error what happens: retries, and on a terminal the reply as it comes."""

    def retried(change: dict[str, Any]) -> None:
        retry = change["new"]
        if retry is not None:
            _say(f"workbench: asked again ({retry.number} of {retry.of}) in {retry.wait_s:.0f} s: {retry.reason}")

    def came(change: dict[str, Any]) -> None:
        before, now = change["old"], change["new"]
        sys.stderr.write(now[len(before) :] if now.startswith(before) else f"\n{now}")
        sys.stderr.flush()

    session.observe(retried, "retry")
    if sys.stderr.isatty():
        session.observe(came, "reply")


def interruptible(action: Callable[[], Any], cancel: Callable[[], None], name: str) -> Any:
    """Do it in a thread of this name, so that Ctrl-C stops the call by `cancel` and keeps what came."""
    result: list[Any] = []
    failed: list[BaseException] = []
    ended = threading.Event()  # an interrupted `Thread.join` takes the thread for ended

    def work() -> None:
        try:
            result.append(action())
        except BaseException as error:
            failed.append(error)
        finally:
            ended.set()

    threading.Thread(target=work, name=name, daemon=True).start()
    while not ended.is_set():
        try:
            ended.wait(0.2)
        except KeyboardInterrupt:
            cancel()
    if failed:
        raise failed[0]
    return result[0]


def _models(arguments: argparse.Namespace) -> int:
    from workbench.session import Session

    session = Session()
    if not arguments.provider and not arguments.base_url:
        raise GenerateError("no server is named; give --provider ID, or --base-url URL")
    provider = arguments.provider or "other"
    if arguments.ask_key:
        session.give_key(None, provider, arguments.base_url)
    for name in session.list_models(provider, arguments.base_url):
        print(name)
    return 0


def _recording(arguments: argparse.Namespace) -> int:
    from workbench.generate.record import Record, default_path

    path = arguments.record or default_path()
    if not path.exists():
        raise GenerateError(f"there is no record {path}; it begins with the first call of a model")
    count = Record(path).export(arguments.file, variant=arguments.variant)
    print(f"{count} call{'s' if count != 1 else ''} written to {arguments.file}")
    return 0


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)
