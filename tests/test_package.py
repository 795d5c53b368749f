"""The package as it is installed: its imports, its pins, its layers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import workbench

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in found}


def test_importing_the_package_loads_no_heavy_library():
    code = "import sys, json, workbench; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in json.loads(out)}
    assert "workbench" in loaded
    assert not loaded & {"smac", "sklearn", "torch", "ipywidgets", "anywidget", "ConfigSpace", "pandas", "openai"}


def test_the_public_names_are_pinned_and_each_of_them_loads():
    assert workbench.__all__ == [
        "Dataset",
        "Scenario",
        "Session",
        "Space",
        "Workbench",
        "WorkbenchError",
        "__version__",
    ]
    for name in workbench.__all__:
        assert getattr(workbench, name) is not None


def test_an_unknown_public_name_says_which_there_are():
    with pytest.raises(AttributeError) as caught:
        workbench.Wokbench  # noqa: B018  # the access is the test
    assert (
        str(caught.value)
        == f"module 'workbench' has no attribute 'Wokbench'; there are: {', '.join(workbench.__all__)}"
    )


def test_every_dependency_of_the_tests_has_an_exact_version_in_the_constraints():
    pinned = pins()
    wanted = list(PROJECT["dependencies"])
    for extra in ("test", "dev", "gpu", "keyring", "excel", "torch"):
        wanted += PROJECT["optional-dependencies"][extra]
    missing, seen = set(), set()
    while wanted:
        requirement = Requirement(wanted.pop())
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(requirement.name)
        if name in seen:
            continue
        seen.add(name)
        if name not in pinned:
            missing.add(name)
        elif not requirement.specifier.contains(pinned[name], prereleases=True):
            missing.add(f"{name} {requirement.specifier} against {pinned[name]}")
        try:
            wanted += metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here; its own pin was looked at above
    assert not missing


def test_the_conda_environment_names_the_packages_of_the_project_and_resolves_against_the_constraints():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    options = [line for line in pip if line.startswith("--")]
    assert options == ["--constraint constraints.txt", "--editable ."]
    named = {canonicalize_name(Requirement(line).name): Requirement(line) for line in pip if not line.startswith("--")}
    project = {canonicalize_name(Requirement(d).name) for d in PROJECT["dependencies"]}
    assert set(named) == project
    pinned = pins()
    for name, requirement in named.items():
        assert requirement.specifier.contains(pinned[name], prereleases=True)
    python = next(d for d in environment["dependencies"] if isinstance(d, str) and d.startswith("python"))
    assert PROJECT["requires-python"] == ">=3.11"
    assert re.fullmatch(r"python>=3\.11,<3\.\d+", python)


def test_the_change_log_names_the_version():
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert workbench.__version__ == PROJECT["version"]
