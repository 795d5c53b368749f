"""`workbench plan`: what a planner proposes before the function is written, offline or by a model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli_models import AddJob, MakeSession, add_model, choose_model, follow, interruptible
from workbench.nouns import PARTS, GenerateError, Proposal

if TYPE_CHECKING:
    from workbench.session import Session


def add_commands(commands: Any, add_job: AddJob, make_session: MakeSession) -> None:
    """Add it to the parser of all commands; the parameters are those of `cli_models.add_commands`."""
    plan = commands.add_parser("plan", help="propose a facade, numbers, a plan for train and a space, with reasons")
    add_job(plan)
    plan.add_argument("--time", type=float, metavar="SECONDS", help="how long the whole run may take")
    plan.add_argument("--plan-variant", type=Path, metavar="FILE", help="your own wording of the request to a model")
    plan.add_argument("--save-space", type=Path, metavar="FILE", help="write the proposed space, for --space of a run")
    plan.add_argument(
        "--format", choices=("text", "json", "diff"), default="text", help="diff: against what the job has"
    )
    add_model(plan)
    plan.set_defaults(command=lambda arguments: _plan(arguments, make_session))


def _plan(arguments: argparse.Namespace, make_session: MakeSession) -> int:
    session = make_session(arguments)
    choose_model(session, arguments)
    if arguments.plan_variant:
        from workbench.prompts import read_variant

        session.plan_variant = read_variant(arguments.plan_variant)
    follow(session)
    proposal: Proposal = interruptible(
        lambda: session.propose(arguments.time), session.cancel_proposal, "workbench-plan"
    )
    if arguments.save_space:
        _write(arguments.save_space, proposal)
    writer = {"text": _text, "json": _json, "diff": _diff}[arguments.format]
    print(writer(session, proposal))
    if session.spent.calls:
        from workbench.session import usage_words

        print(f"workbench: {usage_words(session.spent, session.currency)}", file=sys.stderr)
    return 0


def _write(file: Path, proposal: Proposal) -> None:
    from workbench import space

    text = space.to_json(proposal.space) + "\n" if file.suffix == ".json" else space.to_yaml(proposal.space)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GenerateError(f"cannot write {file}: {error.strerror}; choose another place") from error


def _text(session: Session, proposal: Proposal) -> str:
    from workbench import facades, space

    facade = facades.get(proposal.facade)
    lines = [f"Facade: {facade.title} ({facade.id})", *_indented(session.proposal_reasons("facade")), "", "Scenario:"]
    for number in proposal.scenario:
        value = "none" if number.value is None else f"{number.value:.15g}"
        lines.append(f"  {number.name} {value}" + (f": {number.reason}" if number.reason else ""))
    lines += ["", "Plan for train:", *_indented(proposal.plan_text.splitlines())]
    lines += ["", "Space:", *_indented(space.definition(proposal.space).splitlines())]
    lines += ["", "Why this space:", *_indented(session.proposal_reasons("space"))]
    by = f"Proposed by {proposal.model}." if proposal.model else "Proposed by rules, without a model."
    return "\n".join([*lines, "", by, *proposal.remarks])


def _json(session: Session, proposal: Proposal) -> str:
    return json.dumps(proposal.to_dict(), indent=2, ensure_ascii=False)


def _diff(session: Session, proposal: Proposal) -> str:
    return "\n\n".join(f"# {part}\n{session.proposal_diff(part) or 'nothing to change'}" for part in PARTS)


def _indented(lines: Any) -> list[str]:
    return [f"  {line}" for line in lines]
