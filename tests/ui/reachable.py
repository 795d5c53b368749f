"""The widgets of one view, told from those that other tests have left in the process."""

from __future__ import annotations

import ipywidgets


def below(root):
    """Every widget that can be reached from one: those of other tests, closed by now, are none of ours."""
    found, waiting = {}, [root]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, ipywidgets.Widget):
            if thing.model_id not in found:
                found[thing.model_id] = thing
                waiting += [getattr(thing, name) for name in thing.keys]
        elif isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple):
            waiting += thing
    assert len(found) > 50
    return list(found.values())
