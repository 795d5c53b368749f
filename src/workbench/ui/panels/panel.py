"""What every panel is: one step of the workbench, a view on the session."""

from __future__ import annotations

import html
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import ipywidgets
import traitlets

from workbench.nouns import WorkbenchError
from workbench.session import Session
from workbench.ui.components import TextBox, Toast, style, unsent

logger = logging.getLogger(__name__)


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

    def work(
        self, action: Callable[[], Any], error: ipywidgets.Widget | None = None, *busy: ipywidgets.Button
    ) -> threading.Thread:
        """`attempt` in a thread, the buttons `busy` disabled meanwhile: for what takes longer than a blink."""

        def guarded() -> None:
            try:
                self.attempt(action, error)
            except Exception as problem:  # nobody above this thread would hear of it
                logger.exception("%s failed", type(self).__name__)
                self.toast.say(f"This failed unexpectedly: {type(problem).__name__}: {problem}", "error")
            finally:
                for each in busy:
                    each.disabled = False

        for each in busy:
            each.disabled = True
        thread = threading.Thread(target=guarded, name=f"workbench-{self.id}", daemon=True)
        thread.start()
        return thread


class Line(ipywidgets.HTML):
    """A line of HTML that takes no room while it is empty."""

    def __init__(self, css_class: str = "") -> None:
        super().__init__()
        self.layout.display = "none"
        self.observe(self._hide, ["value"])
        if css_class:
            self.add_class(css_class)

    def _hide(self, change: dict[str, Any]) -> None:
        self.layout.display = None if self.value else "none"


class Field(ipywidgets.VBox):
    """An input below its label, and below it what is wrong with its value.

    `error` is what `Panel.attempt` takes: while it says something, the input is marked.
    """

    def __init__(self, label: str, control: ipywidgets.DOMWidget, *, hint: str = "", width: str = "") -> None:
        self.control = control
        if isinstance(control, TextBox):
            control.label, control.hint = label, hint
        else:
            control.description = label
            control.style.description_width = "initial"
            if hint:
                control.tooltip = hint
        self.error = Line()
        self.error.observe(self._mark, ["value"])
        super().__init__([control, self.error])
        self.layout.width = width or "auto"
        self.add_class("awb-field")

    def _mark(self, change: dict[str, Any]) -> None:
        (self.control.add_class if self.error.value else self.control.remove_class)("awb-invalid")


def error_text(sentence: str) -> str:
    """A sentence as HTML in the place where something is wrong; empty stays empty."""
    return f'<div class="awb-error-text" role="alert">{html.escape(sentence)}</div>' if sentence else ""


def sentence(text: str) -> str:
    """A remark as it stands alone: with a capital letter."""
    return text[:1].upper() + text[1:]


def note(text: str, tone: str = "info", word: str = "") -> str:
    """A remark as HTML; `tone` is ok, warn, bad or info, and `word` says it to those who do not see colours."""
    badge = f'<span class="awb-badge awb-badge-{tone}">{html.escape(word)}</span> ' if word else ""
    return f'<div class="awb-note awb-note-{tone}">{badge}{html.escape(text)}</div>'


def notes(made: Iterable[str], empty: str = "") -> str:
    """Remarks below each other, or a word where there are none."""
    items = "".join(f"<li>{one}</li>" for one in made)
    return f'<ul class="awb-list">{items}</ul>' if items else f'<div class="awb-hint">{html.escape(empty)}</div>'


def tiles(facts: Iterable[tuple[str, str]]) -> str:
    """Numbers that matter, each below its label."""
    made = "".join(
        f'<div class="awb-tile"><span class="awb-tile-label">{html.escape(label)}</span>'
        f'<span class="awb-tile-value">{html.escape(value)}</span></div>'
        for label, value in facts
    )
    return f'<div class="awb-tiles">{made}</div>'


def pairs(facts: Iterable[tuple[str, str]]) -> str:
    """Facts, one a line, each with its name."""
    made = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts)
    return f'<dl class="awb-pairs">{made}</dl>'


def empty_state(what: str, how: str) -> str:
    """What is not there yet, and what to do about it."""
    return f'<div class="awb-empty"><b>{html.escape(what)}</b><br>{html.escape(how)}</div>'


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


def entry(placeholder: str, on_enter: Callable[[], Any]) -> TextBox:
    """A line of text; `on_enter()` is called when Enter is pressed in it, with its value set."""
    made = TextBox(placeholder=placeholder)
    made.on_event(lambda event: on_enter())
    return made


def button(text: str, on_click: Callable[[], Any], css_class: str = "", tooltip: str = "") -> ipywidgets.Button:
    """A button, which acts once all that was typed before has come; `css_class` is one of the stylesheet's, or nothing.

    The classes are `awb-primary`, `awb-danger`, `awb-quiet`.
    """
    made = ipywidgets.Button(description=text, tooltip=tooltip or text)
    if css_class:
        made.add_class(css_class)
    made.on_click(lambda _: unsent.then(on_click))
    return made
