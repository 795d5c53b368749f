"""The header: title, chips, status, and the steps as tabs."""

from __future__ import annotations

import traitlets

from workbench.ui.components.component import Component, static


class Stepper(Component):
    """The steps of the workbench, each with its state as a word or a number, never by colour alone.

    The nearest elements with the CSS class `awb-pane` around it become tab panels in the accessibility tree.

    Events
    ------
    `{"event": "select", "step": id}`
        A person chose a step; `selected` has changed already.
    """

    _esm = static("stepper.js")

    title = traitlets.Unicode("AutoML Workbench").tag(sync=True)
    steps = traitlets.List(
        traitlets.Dict(), help="Dicts: `id`, `title`, `state` (empty, ready, warning, error or running), `text`."
    ).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    next = traitlets.Dict(
        help="`step`, the id of the step that comes next, and `text`, what to do there; empty shows nothing."
    ).tag(sync=True)
    chips = traitlets.List(
        traitlets.Dict(), help="Dicts: `label`, `text`; optional `detail` (dimmed) and `hint` (a tooltip)."
    ).tag(sync=True)
    status = traitlets.Dict(help="`text` and `tone` (ok, warn, bad, info or neutral); empty shows no badge.").tag(
        sync=True
    )
