"""A file from the browser, in pieces, into a temporary folder."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

import ipywidgets
import traitlets

from workbench.ui.components.component import Component, Event, static

logger = logging.getLogger(__name__)

SILENCES = 3
CompleteCallback = Callable[[Path, str], None]


class Upload(Component):
    """A drop zone and a file input.

    The browser sends pieces of half a megabyte, and the next ones only when earlier ones are acknowledged, so
    that a large file passes the server's limit on messages and neither side holds it in memory. The file lies
    in a temporary folder until the next upload begins, the widget is closed or the kernel ends. A part of a
    file is deleted when the browser sends nothing more for `patience_s`: its page was closed or reloaded. While a
    cell keeps the kernel busy nothing arrives, so the kernel must have been free in between for that to count.

    Events
    ------
    `{"event": "complete", "path": str, "filename": str, "size": int}`, `{"event": "cancel"}`,
    `{"event": "error", "text": str}`
    """

    _esm = static("upload.js")

    accept = traitlets.Unicode("", help="Endings, with commas: `.csv,.parquet`; empty takes any file.").tag(sync=True)
    max_bytes = traitlets.Int(2_000_000_000).tag(sync=True)
    prompt = traitlets.Unicode("Choose a file or drop it here").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    state = traitlets.Enum(["idle", "uploading", "complete", "cancelled", "error"], default_value="idle").tag(sync=True)
    progress = traitlets.Float(0.0, help="From 0 to 1.").tag(sync=True)
    filename = traitlets.Unicode("").tag(sync=True)
    size = traitlets.Int(0, help="Bytes.").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    patience_s = traitlets.Float(60.0, help="So long a browser may send nothing before it is taken to be gone.")

    def __init__(self, **traits: Any) -> None:
        self._complete = ipywidgets.CallbackDispatcher()
        self._upload: str = ""
        self._received = 0
        self._expected = 0
        self._file: IO[bytes] | None = None
        self._folder: Path | None = None
        self._forget: Callable[[], object] | None = None
        self._watch: asyncio.TimerHandle | None = None
        super().__init__(**traits)

    @property
    def path(self) -> Path | None:
        """Where the complete file lies, or None."""
        return self._folder / _safe(self.filename) if self.state == "complete" and self._folder else None

    def on_complete(self, callback: CompleteCallback, remove: bool = False) -> None:
        """Call `callback(path, filename)` when a file is there."""
        self._complete.register_callback(callback, remove=remove)

    def cancel(self) -> None:
        """Give up the upload under way; the browser stops sending."""
        if self.state == "uploading":
            self._end("cancelled")

    def reset(self) -> None:
        """Delete what was uploaded, and be as new."""
        self._discard()
        with self.hold_sync():
            self.state, self.progress, self.filename, self.size, self.error = "idle", 0.0, "", 0, ""

    def close(self) -> None:  # noqa: D102 - of ipywidgets
        self._discard()
        super().close()

    def _on_event(self, event: Event, buffers: list[memoryview]) -> None:
        name = event["event"]
        if name == "begin":
            self._begin(str(event["id"]), str(event["name"]), int(event["size"]))
        elif name == "cancel" and not event.get("id"):
            self.cancel()  # from a page that was reloaded since, and no longer knows what it was sending
        elif event.get("id") != self._upload or self.state != "uploading":
            return  # of an upload that was cancelled or replaced meanwhile
        elif name == "chunk":
            self._write(int(event["at"]), buffers)
        elif name == "cancel":
            self._end("cancelled")
        elif name == "unreadable":
            self._end("error", f"{self.filename} could not be read; choose it again.")

    def _begin(self, upload: str, filename: str, size: int) -> None:
        self._discard()
        self._upload, self._received, self._expected = upload, 0, size
        with self.hold_sync():
            self.state, self.progress, self.filename, self.size, self.error = "uploading", 0.0, filename, size, ""
        endings = tuple(e.strip().lower() for e in self.accept.split(",") if e.strip())
        if endings and not filename.lower().endswith(endings):
            self._end("error", f"{filename} is not one of {', '.join(endings)}; choose a file with such an ending.")
            return
        if size > self.max_bytes:
            limit = f"{self.max_bytes / 1e6:,.0f} MB"
            self._end("error", f"{filename} has {size / 1e6:,.0f} MB, the limit is {limit}; give its path instead.")
            return
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-upload-"))
        # not the widget's own close: a kernel that ends calls this, and nothing else
        self._forget = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._file = (self._folder / _safe(filename)).open("wb")
        self._await_more()
        self._acknowledge()

    def _await_more(self, silent: int = 0) -> None:
        """Look again after a while; silence counts in thirds, each seen by a kernel that was free to hear."""
        self._stop_waiting()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel: nothing would ever look
            return
        if silent == SILENCES:
            self._end(
                "error", f"The browser stopped sending {self.filename}; what had come was deleted. Upload it again."
            )
            return
        self._watch = loop.call_later(self.patience_s / SILENCES, self._await_more, silent + 1)

    def _stop_waiting(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _write(self, at: int, buffers: list[memoryview]) -> None:
        assert self._file is not None
        if at != self._received:
            self._end("error", f"{self.filename} arrived out of order at byte {at:,}; upload it again.")
            return
        try:
            for buffer in buffers:
                self._received += self._file.write(buffer)
        except OSError as error:
            self._end("error", f"{self.filename} could not be written: {error.strerror}; free some disk space.")
            return
        if self._received > self._expected:
            self._end("error", f"{self.filename} changed while it was read; upload it again.")
            return
        self._await_more()
        self._acknowledge()

    def _acknowledge(self) -> None:
        assert self._file is not None
        done = self._received == self._expected
        self.send({"do": "acknowledge", "id": self._upload, "received": self._received})
        if not done:
            # a person sees whole per cents; more would be traffic
            progress = round(self._received / self._expected, 2)
            if progress != self.progress:
                self.progress = progress
            return
        self._stop_waiting()
        self._file.close()
        self._file = None
        with self.hold_sync():
            self.state, self.progress = "complete", 1.0
        path = self.path
        assert path is not None
        self._complete(path, self.filename)
        self._callbacks({"event": "complete", "path": str(path), "filename": self.filename, "size": self.size})

    def _end(self, state: str, text: str = "") -> None:
        self._discard()
        with self.hold_sync():
            self.state, self.error, self.progress = state, text, 0.0
        self.send({"do": "stop", "id": self._upload})
        self._upload = ""
        self._callbacks({"event": "error", "text": text} if text else {"event": "cancel"})

    def _discard(self) -> None:
        self._stop_waiting()
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._forget is not None:
            self._forget()
            self._forget = None
        self._folder = None


def _safe(filename: str) -> str:
    """The last part of a name, whichever system it comes from; never a path."""
    name = PurePosixPath(PureWindowsPath(filename).name).name.replace("\0", "")
    return name if name not in ("", ".", "..") else "upload"
