from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import pytest

from workbench.registry import discover


@dataclass(frozen=True)
class Part:
    id: str
    order: int = 100


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of parts; what is written into it is found."""
    folder = tmp_path / "parts_under_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "part_of_test", sys.modules[__name__])

    def write(**files: str):
        for name, text in files.items():
            (folder / f"{name}.py").write_text("from part_of_test import Part\n" + text)
        importlib.invalidate_caches()
        return importlib.import_module("parts_under_test")

    yield write
    for name in [m for m in sys.modules if m.startswith("parts_under_test")]:
        del sys.modules[name]


def test_a_file_dropped_in_is_found_in_its_order(package):
    found = discover(package(b="PART = Part('b')", a="PART = Part('a')", z="PART = Part('z', 1)"), "PART", Part)
    assert list(found.parts) == ["z", "a", "b"]
    assert found.broken == {}


def test_a_private_module_is_no_part(package):
    assert discover(package(_helper="PART = 1", a="PART = Part('a')"), "PART", Part).broken == {}


def test_a_file_that_raises_on_import_is_named_and_the_others_load(package):
    found = discover(package(bad="raise RuntimeError('no')", good="PART = Part('good')"), "PART", Part)
    assert list(found.parts) == ["good"]
    assert found.broken == {"parts_under_test.bad": "parts_under_test.bad raised on import: RuntimeError: no"}


def test_a_file_without_a_part_says_what_to_write(package):
    found = discover(package(empty="OTHER = 1"), "PART", Part)
    assert found.broken == {
        "parts_under_test.empty": (
            "parts_under_test.empty has no PART of type Part (found NoneType); write PART = Part(...)"
        )
    }


def test_two_parts_of_one_id_are_told_apart(package):
    found = discover(package(one="PART = Part('same')", two="PART = Part('same')"), "PART", Part)
    assert list(found.parts) == ["same"]
    assert found.broken == {
        "parts_under_test.two": ("parts_under_test.two repeats the id 'same' of parts_under_test.one; give it its own")
    }
