"""Work that would hold up a click, such as drawing a figure, in a thread of its own and not too often."""

from __future__ import annotations

import base64
import html
import logging
import re
import struct
import threading
from collections.abc import Callable, Iterable

import ipywidgets

from workbench.nouns import WorkbenchError
from workbench.ui.components import Toast

logger = logging.getLogger(__name__)


class Painter:
    """Calls `draw` in its own thread soon after `ask`, never twice at a time and never twice within `interval_s`.

    However often it is asked meanwhile, `draw` is called once for all of it, and always once after the last time. There
    is no thread while there is nothing to do.
    """

    def __init__(self, draw: Callable[[], None], interval_s: float = 0.5) -> None:
        self._draw = draw
        self._interval_s = interval_s
        self._changed = threading.Condition()
        self._asked = False
        self._busy = False

    def ask(self) -> None:
        """Have it drawn; returns at once."""
        with self._changed:
            self._asked = True
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name="workbench-painter", daemon=True).start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until everything asked for is drawn; False when `timeout_s` was over before."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout_s)

    def _work(self) -> None:
        pause = threading.Event()
        while True:
            with self._changed:
                if not self._asked:
                    self._busy = False
                    self._changed.notify_all()
                    return
                self._asked = False
            try:
                self._draw()
            except Exception:  # a figure that cannot be drawn must not end the drawing of all later ones
                logger.exception("drawing failed")
            pause.wait(self._interval_s)


def in_background(action: Callable[[], object], toast: Toast) -> threading.Thread:
    """Do something in a thread; what goes wrong becomes a toast."""

    def guarded() -> None:
        try:
            action()
        except WorkbenchError as problem:
            toast.say(str(problem), "error")
        except Exception as problem:  # nobody above this thread would hear of it
            logger.exception("an action failed")
            toast.say(f"that failed unexpectedly: {type(problem).__name__}: {problem}", "error")

    thread = threading.Thread(target=guarded, name="workbench-action", daemon=True)
    thread.start()
    return thread


class Figure(ipywidgets.HTML):
    """A PNG with what it shows in words: as its alternative text, and below it.

    Not `ipywidgets.Image`: that has no alternative text, and with a tooltip it fails in a page that is loaded again.
    """

    def __init__(self) -> None:
        self.png = b""
        self.text = ""
        super().__init__()
        self.add_class("awb-figure")

    def draw(self, png: bytes, text: str) -> None:
        """Show this; without a PNG the words alone."""
        self.png, self.text = png, text
        words = html.escape(text)
        if not png:
            self.value = f'<div class="awb-empty">{words}</div>'
            return
        width, height = struct.unpack(">II", png[16:24])
        # decoded at once: no frame without a picture between two
        self.value = (
            f'<img alt="{words}" decoding="sync" width="{width}" height="{height}" '
            f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
            f'<div class="awb-hint" style="margin-top: 8px" aria-hidden="true">{words}</div>'
        )


def tiles(values: Iterable[tuple[str, str]]) -> str:
    """Labels and values as a row of tiles, as HTML."""
    return (
        '<div class="awb-tiles">'
        + "".join(
            f'<div class="awb-tile"><span class="awb-tile-label">{html.escape(label)}</span>'
            f'<span class="awb-tile-value">{html.escape(value)}</span></div>'
            for label, value in values
        )
        + "</div>"
    )


def badge(text: str, tone: str = "neutral") -> str:
    """A word in a tone (ok, warn, bad, info or neutral), as HTML."""
    return f'<span class="awb-badge awb-badge-{tone}">{html.escape(text)}</span>'


def prose(text: str) -> str:
    """A text as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def facts(values: Iterable[tuple[str, str]]) -> str:
    """Names and what they are, as an HTML list for the rail; the values may be HTML, the names are text."""
    rows = "".join(
        f'<li style="overflow-wrap: anywhere"><div class="awb-hint">{html.escape(name)}</div>{value}</li>'
        for name, value in values
    )
    return f'<ul class="awb-list">{rows}</ul>'


def show(widget: ipywidgets.HTML, text: str) -> None:
    """Show this HTML; a widget without any takes no room."""
    widget.value = text
    widget.layout.display = None if text else "none"
