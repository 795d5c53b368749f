"""Clusters by configuration: words, files and classes; Slurm and PBS on stand-ins for their commands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest

from workbench import cli, contracts, facades
from workbench.nouns import Cluster, RunError, Scenario
from workbench.runs import clusters, read_cluster

SUBMIT = """#!/bin/sh
for script in "$@"; do :; done
cp "$script" {folder}/job.sh
setsid sh {folder}/job.sh > {folder}/job.log 2>&1 < /dev/null &
echo $! > {folder}/job.pid
echo "{says}"
"""
CANCEL = """#!/bin/sh
echo "$@" >> {folder}/cancelled
kill -- -$(cat {folder}/job.pid)
"""
BATCH_SYSTEMS = {
    "dask_jobqueue.SLURMCluster": ("sbatch", "Submitted batch job 41", "scancel", "#SBATCH -p short"),
    "dask_jobqueue.PBSCluster": ("qsub", "41.master.cluster", "qdel", "#PBS -q short"),
}
"""What submits a job and what it says then, what cancels one, and a line of the job."""


@pytest.fixture(autouse=True)
def end_all() -> Iterator[None]:
    yield
    jobs.end_all()


def test_a_cluster_is_read_from_an_address_a_class_with_options_or_a_file(tmp_path: Path) -> None:
    assert read_cluster(["tcp://h:8786"]) == Cluster("tcp://h:8786")
    typed = read_cluster(["dask_jobqueue.SLURMCluster", "queue=short", "cores=4", 'job_extra_directives=["-A x"]'])
    assert typed.kind == "dask_jobqueue.SLURMCluster"
    assert typed.options == {"queue": "short", "cores": 4, "job_extra_directives": ["-A x"]}
    (tmp_path / "c.yaml").write_text("class: distributed.LocalCluster\noptions: {n_workers: 2}\nshared: false\n")
    (tmp_path / "c.toml").write_text('class = "distributed.LocalCluster"\nshared = false\n[options]\nn_workers = 2\n')
    for name in ("c.yaml", "c.toml"):
        read = read_cluster([str(tmp_path / name), "n_workers=3"])
        assert read == Cluster(kind="distributed.LocalCluster", options={"n_workers": 3}, shared=False)
        assert Scenario.from_dict(Scenario(cluster=read).to_dict()).cluster == read


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["slurm"], "'slurm' is no address, file or class; give tcp://host:8786, cluster.yaml, or one of dask_job"),
        (["tcp://h:1", "cores=1"], "tcp://h:1 is a scheduler that is there; it takes no options (cores)"),
        (["a.B", "cores"], "'cores' is no option of a cluster; write key=value"),
        (["nowhere.yaml"], "cannot read the cluster nowhere.yaml: No such file"),
    ],
)
def test_what_is_no_cluster_is_refused_with_what_would_be(words: list[str], sentence: str) -> None:
    with pytest.raises(RunError) as caught:
        read_cluster(words)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("class: a.B\naddress: tcp://x:1\n", "must have either `class` (and `options`) or `address`"),
        ("address: tcp://x:1\nqueue: y\n", "has queue; it may have address, class, options, shared, silent_s"),
        ("class: [", "cannot be read: "),
    ],
)
def test_a_file_that_is_no_cluster_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "c.yml"
    path.write_text(text)
    with pytest.raises(RunError, match=r"the cluster .*c\.yml") as caught:
        read_cluster([str(path)])
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("nowhere.at.All", "there is no nowhere.at.All here (No module named 'nowhere')"),
        ("pathlib.Path", "pathlib.Path is no cluster class of Dask; use dask_jobqueue.SLURMCluster"),
        ("dask_jobqueue.SLURMCluster", "dask_jobqueue.SLURMCluster did not start (ValueError: "),
    ],
)
def test_a_class_that_cannot_be_started_is_told_with_its_reason(kind: str, sentence: str) -> None:
    with pytest.raises(RunError) as caught, clusters.start(Cluster(kind=kind), 1):
        pass
    assert str(caught.value).startswith(sentence)


def test_gpus_of_this_machine_do_not_go_with_a_cluster() -> None:
    scenario = Scenario(devices=("0",), cluster=Cluster("tcp://h:1"))
    (bad,) = [
        fit for fit in facades.fits(facades.get("random"), contracts.get("loss"), jobs.SPACE, scenario) if not fit.ok
    ]
    assert bad.text.startswith("devices 0 are for workers of this machine, and trials run on the Dask scheduler tcp:")


def test_the_terminal_takes_devices_and_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = cli._parser()
    words = ["run", "--data", "builtin:iris"]
    assert cli._places(parser.parse_args([*words, "--devices", "0, 1"])) == {"devices": ("0", "1")}
    assert cli._places(parser.parse_args([*words, "--dask", "tcp://h:1"])) == {"cluster": Cluster("tcp://h:1")}
    given = cli._places(parser.parse_args([*words, "--cluster", "a.B", "cores=2"]))
    assert given == {"cluster": Cluster(kind="a.B", options={"cores": 2})}


@pytest.mark.parametrize("kind", BATCH_SYSTEMS)
def test_a_run_on_a_batch_system_submits_its_jobs_and_cancels_them_at_its_end(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, says, cancel, line = BATCH_SYSTEMS[kind]
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in ((submit, SUBMIT), (cancel, CANCEL)):
        (tools / name).write_text(text.format(folder=tmp_path, says=says))
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    options = {
        "cores": 1,
        "memory": "2GB",
        "queue": "short",
        "interface": "lo",
        "scheduler_options": {"dashboard": False},
    }
    cluster = Cluster(kind=kind, options=options)
    run = jobs.ended(jobs.started(tmp_path / "runs", workers=1, cluster=cluster, n_trials=3))
    assert (run.state, run.error, len(run.trials)) == ("finished", "", 3), run.log_tail()
    assert line in (tmp_path / "job.sh").read_text()
    jobs.until((tmp_path / "cancelled").exists)
    assert (tmp_path / "cancelled").read_text().startswith("41")
