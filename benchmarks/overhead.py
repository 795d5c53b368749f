"""What isolation and the run folder cost: a run of the workbench against SMAC calling the same function inline.

The same job is done in three ways, in turn, several times over:

- workbench: a run folder, its driver process, and a guarded worker that forks a child for every trial;
- smac: a fresh Python process in which SMAC, as it comes, calls `train` itself (`facade.optimize()`);
- inline: a fresh Python process that asks and tells the workbench's own facade (one thread for the forest), and calls
  `train` itself. Against this one only isolation and the folder differ.

Whole is from starting the process to its end, with all imports; CPU is that of all processes that were started; a
trial is the time between the first `ask` and the last `tell`, divided by the number of trials. Ratios are taken within
each repeat: the workbench by the other. Where other work runs on the machine, CPU holds better than wall time.

    python benchmarks/overhead.py [--trials 60] [--repeats 5] [--seed 0] [--facades random,hpo]
                                  [--train formula,5ms,forest] [--against smac,inline] [--quick]
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench import datasets, facades, generate, recipes, runs, space
from workbench.nouns import Candidate, Job, Scenario
from workbench.runs import depot
from workbench.runs.driver import plain
from workbench.worker import guard, nursery
from workbench.worker.environment import THREADS

FORMULA = """
def train(cfg, dataset, seed, model_dir=None):
    return (float(cfg["max_features"]) - 0.3) ** 2 + abs(int(cfg["max_depth"]) - 7) / 10
"""
FIVE_MS = """
import time

def train(cfg, dataset, seed, model_dir=None):
    time.sleep(0.005)
    return (float(cfg["max_features"]) - 0.3) ** 2 + abs(int(cfg["max_depth"]) - 7) / 10
"""
BUDGETED = """
import time

def train(cfg, dataset, seed, budget=None, model_dir=None):
    time.sleep({seconds})
    return {{"loss": (float(cfg["max_features"]) - 0.3) ** 2 + abs(int(cfg["max_depth"]) - 7) / 10 + 0.1 / budget}}
"""
BUDGETS = (1.0, 27.0)
WAYS = ("workbench", "smac", "inline")


@dataclass(frozen=True)
class Timing:
    """One run: seconds from start to end, of all processors, and a trial; and what was tried in which order."""

    whole_s: float
    cpu_s: float
    trial_s: float
    tried: list[dict[str, Any]]


# ---------------------------------------------------------------- the three ways


def workbench(folder: Path) -> Timing:
    run = runs.open(folder)
    started, before = time.perf_counter(), children_cpu_s()
    run.start()
    depot.close()  # no run finds the imports of the one before; and what goes on without its parent is ours now,
    nursery.close_all()  # so that its CPU time comes here when it has ended
    run.wait()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    whole, cpu = time.perf_counter() - started, children_cpu_s() - before
    run.refresh()
    if run.state != "finished":
        raise SystemExit(f"the run did not finish: {run.error}\n{run.log_tail()}")
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    states = {e["state"]: e["at_s"] for e in map(json.loads, lines) if e["event"] == "state"}
    taken = states["finished"] - states["running"]
    return Timing(whole, cpu, taken / len(run.trials), [tried_as(t.config, t.budget) for t in run.trials])


def tried_as(config: Mapping[str, Any], budget: float | None) -> dict[str, Any]:
    return plain(dict(config)) | ({} if budget is None else {"budget": budget})


def bare(folder: Path, way: str) -> Timing:
    threads = dict.fromkeys(THREADS, "1") if way == "inline" else {}
    environment = {**os.environ, "PYTHONHASHSEED": "0", **threads}
    started, before = time.perf_counter(), children_cpu_s()
    done = subprocess.run(
        [sys.executable, __file__, "--bare", way, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    whole, cpu = time.perf_counter() - started, children_cpu_s() - before
    told = json.loads(done.stdout.splitlines()[-1])
    return Timing(whole, cpu, told["taken_s"] / len(told["tried"]), told["tried"])


def children_cpu_s() -> float:
    """CPU seconds of all processes that were started from here and have ended, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def optimise(way: str, folder: Path) -> None:
    """In the process of its own: optimise, and print what was tried and how long it took."""
    run = runs.open(folder)
    job, namespace = run.job(), {}
    exec(compile(run.candidate.code, "train.py", "exec"), namespace)
    train, seed = namespace["train"], job.scenario.seed
    data = {"X": job.dataset.X, "y": job.dataset.y}
    configspace = space.to_configspace(job.space, seed=seed)
    tried: list[dict[str, Any]] = []

    def cost(config: Any, seed: int = seed, budget: float | None = None) -> float:
        tried.append(tried_as(config, budget))
        more = {} if budget is None else {"budget": budget}
        with contextlib.redirect_stdout(io.StringIO()):
            said = train(config, data, job.scenario.seed, **more)
        return float(said["loss"] if isinstance(said, dict) else said)

    def plain_cost(config: Any, seed: int = seed) -> float:  # SMAC looks at what a function takes
        return cost(config, seed)

    if way == "smac":
        budgets = job.scenario.min_budget is not None
        taken = as_it_comes(job, configspace, cost if budgets else plain_cost, folder)
    else:
        taken = asked_and_told(job, configspace, cost, folder)
    print(json.dumps({"taken_s": taken, "tried": tried}))


def as_it_comes(job: Job, configspace: Any, cost: Callable[..., float], folder: Path) -> float:
    import smac

    scenario = smac.Scenario(
        configspace,
        output_directory=folder / "smac",
        deterministic=True,
        use_default_config=True,
        n_trials=job.scenario.n_trials,
        seed=job.scenario.seed,
        min_budget=job.scenario.min_budget,
        max_budget=job.scenario.max_budget,
    )
    made = getattr(smac, facades.get(job.facade).smac_class)(scenario, cost, overwrite=True, logging_level=False)
    started = time.perf_counter()
    made.optimize()
    return time.perf_counter() - started


def asked_and_told(job: Job, configspace: Any, cost: Callable[..., float], folder: Path) -> float:
    from smac.runhistory import TrialValue

    made = facades.get(job.facade).build(configspace, job.scenario, str(folder / "smac"))
    started = time.perf_counter()
    for _ in range(job.scenario.n_trials):
        info = made.ask()
        made.tell(info, TrialValue(cost=cost(info.config, budget=info.budget)), save=False)
    made.optimizer.save()
    return time.perf_counter() - started


# ---------------------------------------------------------------- the table


def jobs(asked: argparse.Namespace) -> list[tuple[str, Job, Candidate]]:
    data = datasets.load("builtin:breast_cancer")
    preset = next(p for p in recipes.presets(data.task) if p.id == "random_forest")
    made = []
    for facade in asked.facades.split(","):
        scenario, contract = Scenario(n_trials=asked.trials, seed=asked.seed), "loss"
        if facades.get(facade).needs_budget:  # a cheap trial costs as much as a dear one: what is left is the way
            low, high = BUDGETS
            scenario, contract = dataclasses.replace(scenario, min_budget=low, max_budget=high), "metrics"
        job = Job(data, preset.space, facade, contract, scenario)
        for what in asked.train.split(","):
            if what == "forest":
                made.append(("a forest", job, generate.compose(job)))
            else:
                sleeps = what == "5ms"
                code = FIVE_MS if sleeps else FORMULA
                if contract == "metrics":
                    code = BUDGETED.format(seconds=0.005 if sleeps else 0)
                made.append(("5 ms asleep" if sleeps else "a formula", job, Candidate(code, "file")))
    return made


def measured(job: Job, candidate: Candidate, repeats: int, ways: tuple[str, ...]) -> dict[str, list[Timing]]:
    """Each way once a repeat, in turn, beginning with another one each time."""
    found: dict[str, list[Timing]] = {way: [] for way in ways}
    for repeat in range(repeats):
        first = repeat % len(ways)
        for way in ways[first:] + ways[:first]:
            with tempfile.TemporaryDirectory() as root:
                folder = runs.create(job, candidate, root=root).folder
                found[way].append(workbench(folder) if way == "workbench" else bare(folder, way))
    return found


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def same(ours: Timing, theirs: Timing) -> str:
    """How many of the first configurations are the same, one after the other."""
    pairs = zip(ours.tried, theirs.tried, strict=False)
    number = next((i for i, (a, b) in enumerate(pairs) if a != b), len(ours.tried))
    return f"{number} of {len(ours.tried)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--facades", default="random,hpo", help="of random, hpo, blackbox, multifidelity, hyperband")
    parser.add_argument("--train", default="formula,forest", help="of formula, 5ms, forest")
    parser.add_argument("--against", default="smac,inline", help="of smac, inline")
    parser.add_argument(
        "--quick", action="store_true", help="five trials of the formula, random search, once: to see that it works"
    )
    parser.add_argument("--bare", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
    if asked.bare:
        optimise(asked.bare[0], Path(asked.bare[1]))
        return
    if asked.quick:
        asked.trials, asked.repeats, asked.train, asked.facades = 5, 1, "formula", "random"
    ways = WAYS[:1] + tuple(asked.against.split(","))
    print(
        f"{asked.trials} trials, {asked.repeats} repeats, load {os.getloadavg()[0]:.0f}, seed {asked.seed}; "
        f"SMAC {version('smac')}, Python {platform.python_version()}, {os.cpu_count()} cores; medians (lowest–highest)"
    )
    columns = "{:<8} {:<12} {:<9} {:>17} {:>17} {:>17} {:>17} {:>15} {:>15} {:>9}"
    print(
        columns.format(
            "facade",
            "train is",
            "against",
            "it: whole s",
            "workbench: s",
            "ratio of whole",
            "ratio of CPU",
            "it: ms a trial",
            "more ms a trial",
            "same way",
        )
    )
    for what, job, candidate in jobs(asked):
        found = measured(job, candidate, asked.repeats, ways)
        for way in ways[1:]:
            pairs = list(zip(found["workbench"], found[way], strict=True))
            print(
                columns.format(
                    job.facade,
                    what,
                    way,
                    spread([b.whole_s for _, b in pairs], 1),
                    spread([a.whole_s for a, _ in pairs], 1),
                    spread([a.whole_s / b.whole_s for a, b in pairs], 2),
                    spread([a.cpu_s / b.cpu_s for a, b in pairs], 2),
                    spread([1e3 * b.trial_s for _, b in pairs], 0),
                    spread([1e3 * (a.trial_s - b.trial_s) for a, b in pairs], 0),
                    same(*pairs[0]),
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
