"""Writes to a module's names are seen by number, and what they mean is looked at only then."""

import types

import pytest

from workbench.worker import versions
from workbench.worker.traces import Traces
from workbench.worker.versions import Versions

numbered = pytest.mark.skipif(not versions.NUMBERED, reason="this Python does not number its dicts")


def _module(**names: object) -> types.ModuleType:
    module = types.ModuleType("made")
    vars(module).update(names)
    return module


@numbered
def test_what_was_not_written_to_is_not_told_of() -> None:
    one, other = _module(a=1), _module(a=1)
    watched = Versions()
    watched.add(vars(one))
    watched.add(vars(other))
    assert one.a == 1
    assert len(vars(other)) == len(vars(one))
    assert watched.written() == []
    other.a = 2
    assert watched.written() == [1]
    assert watched.written() == [], "told once"


@pytest.mark.parametrize(
    "change",
    [
        "module.a = 2",
        "module.b = 2",
        "del module.a",
        "vars(module)['a'] = 2",
        "vars(module).update(a=2)",
        "vars(module).pop('a')",
        "vars(module).setdefault('c', 1)",
        "vars(module).clear()",
        "setattr(module, 'a', 2)",
        "module.f()",
        "exec('a = 2', vars(module))",
        "object.__setattr__(module, 'a', 2)",
        "dict.__setitem__(vars(module), 'a', 2)",
        "exec('a += 1', vars(module))",
    ],
)
def test_every_way_to_write_is_told_of(change: str) -> None:
    module = _module(a=1, text="x")
    exec("def f():\n    global a\n    a += 1", vars(module))
    for _ in range(20):  # so often that Python has specialised the writing function, too
        module.f()
    watched = Versions()
    watched.add(vars(module))
    exec(change)
    assert watched.written() == [0]


def test_without_numbers_every_module_may_have_been_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "NUMBERED", False)
    watched = Versions()
    watched.add(vars(_module(a=1)))
    watched.add(vars(_module(a=1)))
    assert watched.written() == [0, 1]


@pytest.mark.parametrize("known", [True, False])
def test_a_patched_module_is_found_with_and_without_numbers(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    if not known:
        monkeypatch.setattr(versions, "NUMBERED", False)
    traces = Traces()
    monkeypatch.setattr(json, "dumps", print)
    assert "a changed json.dumps" in traces.find()


def test_a_name_that_was_written_to_and_means_the_same_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    traces = Traces()
    before = json.dumps
    json.dumps = print  # type: ignore[assignment]
    json.dumps = before
    assert not [found for found in traces.find() if "json" in found]
