"""The recorded calls of models in the Function step: written to a file, or given again without a server."""

from __future__ import annotations

import html

import ipywidgets

from workbench.ui.panels.painter import show
from workbench.ui.panels.panel import Field, Panel, box, button

HINT = (
    "Every call of a model is recorded. Export writes them to one file; Replay gives the replies of such a file again, "
    "without a server or a key."
)


class Recordings(ipywidgets.VBox):
    """The name of a file, and two buttons.

    Parameters
    ----------
    panel : Panel
        Whose session it acts on.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel, self.session = panel, panel.session
        self.file = Field(
            "File of recorded calls",
            ipywidgets.Text(value="calls.jsonl"),
            hint="On the machine of the kernel; a relative name begins in the notebook's folder",
        )
        self.replay_button = button("Replay", self.replay, "", "Answer from this file from now on")
        self.export_button = button("Export", self.export, "", "Write all recorded calls to this file")
        self.stop_button = button("Stop the replay", self.session.use_composer, "", "The offline composer writes again")
        self.said = ipywidgets.HTML()
        super().__init__(
            [self.said, self.file, box("awb-toolbar", self.export_button, self.replay_button, self.stop_button)]
        )
        self.add_class("awb-main")
        panel.follow(["recording"], self._show)

    def replay(self) -> None:
        """Have the replies of the file given from now on."""
        self.panel.attempt(lambda: self.session.use_recording(self.file.control.value.strip()), self.file.error)

    def export(self) -> None:
        """Write the record to the file, aside: it may hold thousands of calls."""
        self.panel.work(self._export, self.file.error, self.export_button)

    def _export(self) -> None:
        name = self.file.control.value.strip()
        count = self.session.export_recording(name)
        self.panel.toast.say(f"{count} call{'s' if count != 1 else ''} written to {name}", "success")

    def _show(self) -> None:
        recording = self.session.recording
        self.stop_button.layout.display = None if recording is not None else "none"
        text = HINT
        if recording is not None:
            count = len(recording.calls)
            text = f"{recording.path.name} with {count} call{'s' if count != 1 else ''} answers in place of a model."
        show(self.said, f'<div class="awb-hint" role="status">{html.escape(text)}</div>')
