"""What every panel is: one step of the workbench, a view on the session."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import ipywidgets
import traitlets

from workbench.nouns import WorkbenchError
from workbench.session import Session
from workbench.ui.components import Toast, style


class Panel(ipywidgets.VBox):
    """One step: what it is called, its widgets, and how it follows the session.

    A panel decides nothing: a click calls a method of the session, and what the session says is shown. Session traits
    may change in any thread; a panel only sets traits of widgets in answer.

    Parameters
    ----------
    session : Session
        What is shown and acted on.
    toast : Toast, optional
        Where messages that have no better place are said; a panel alone in a cell brings its own.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""

    shown = traitlets.Bool(True, help="Whether the step is the visible one: figures are drawn only then.")

    def __init__(self, session: Session, toast: Toast | None = None) -> None:
        self.session = session
        self.toast = toast if toast is not None else Toast()
        super().__init__()
        self.children = (*self.build(), *(() if toast is not None else (self.toast, style())))
        self.add_class("awb")
        self.add_class("awb-pane")

    def build(self) -> tuple[ipywidgets.Widget, ...]:
        """Make the widgets, observe the session, show its present state."""
        raise NotImplementedError

    def follow(self, names: Iterable[str], update: Callable[[], None]) -> None:
        """Call `update` now and whenever one of these session traits changes."""
        self.session.observe(lambda change: update(), list(names))
        update()

    def attempt(self, action: Callable[[], Any], error: ipywidgets.Widget | None = None) -> bool:
        """Do what a click asks for; say a `WorkbenchError` beside the input (`error`), else as a toast."""
        try:
            action()
        except WorkbenchError as problem:
            if error is not None:
                error.value = error_text(str(problem))
            else:
                self.toast.say(str(problem), "error")
            return False
        if error is not None:
            error.value = ""
        return True


def error_text(sentence: str) -> str:
    """A sentence as HTML in the place where something is wrong; empty stays empty."""
    return f'<div class="awb-error-text" role="alert">{html.escape(sentence)}</div>' if sentence else ""


def card(title: str, *children: ipywidgets.Widget) -> ipywidgets.VBox:
    """A titled card."""
    heading = ipywidgets.HTML(f'<h3 class="awb-card-title">{html.escape(title)}</h3>')
    box = ipywidgets.VBox([heading, *children])
    box.add_class("awb-card")
    return box


def box(css_class: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    """A box with one of the stylesheet's layout classes: `awb-columns`, `awb-main`, `awb-rail`, `awb-toolbar`."""
    made = ipywidgets.Box(list(children))
    made.add_class(css_class)
    return made


def button(text: str, on_click: Callable[[], Any], css_class: str = "", tooltip: str = "") -> ipywidgets.Button:
    """A button; `css_class` is one of `awb-primary`, `awb-danger`, `awb-quiet`, or nothing."""
    made = ipywidgets.Button(description=text, tooltip=tooltip or text)
    if css_class:
        made.add_class(css_class)
    made.on_click(lambda _: on_click())
    return made
