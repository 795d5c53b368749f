"""What all components share: events from the browser, and the stylesheet, which is sent once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import anywidget
import ipywidgets
import traitlets

STATIC = Path(__file__).parent / "static"

Event = dict[str, Any]
EventCallback = Callable[[Event], None]
W = TypeVar("W", bound=ipywidgets.Widget)


@cache
def static(name: str) -> str:
    """The text of a built file."""
    return (STATIC / name).read_text(encoding="utf-8")


_shared: dict[type[ipywidgets.Widget], ipywidgets.Widget] = {}


def shared(kind: type[W]) -> W:
    """The kernel's one widget of this kind, made when it is first asked for, and again once it was closed."""
    widget = _shared.get(kind)
    if widget is not None and widget.comm is not None:
        return cast(W, widget)
    fresh: W = kind()
    _shared[kind] = fresh
    return fresh


class Style(anywidget.AnyWidget):
    """The workbench's stylesheet. It shows nothing; its model alone puts the rules into the page."""

    _esm = static("style.js")
    _css = static("workbench.css")

    dark = traitlets.Bool(False, help="Whether the page is dark: the browser says so, figures follow.").tag(sync=True)


def style() -> Style:
    """The stylesheet of this kernel; every component sees to it by itself, plain ipywidgets do not."""
    return shared(Style)


class Component(anywidget.AnyWidget):
    """A widget with its own JavaScript, which reports what a person did as events.

    An event is a dict with a key `event`, its name; each component documents its own. Callbacks run one after the
    other, but not always in the main thread: JupyterLab gives widgets a subshell of the kernel, so they may run
    while a cell does.
    """

    label = traitlets.Unicode("", help="What a screen reader calls it.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        style()
        self._callbacks = ipywidgets.CallbackDispatcher()
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def on_event(self, callback: EventCallback, remove: bool = False) -> None:
        """Call `callback(event)` for each event, or stop doing so."""
        self._callbacks.register_callback(callback, remove=remove)

    def _on_message(self, _widget: ipywidgets.Widget, content: Any, buffers: list[memoryview]) -> None:
        if isinstance(content, dict) and isinstance(content.get("event"), str):
            self._on_event(content, buffers)

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        """Tell the callbacks; a component that has an answer of its own gives it here."""
        self._callbacks(event)
