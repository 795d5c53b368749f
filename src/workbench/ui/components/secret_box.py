"""A box for a key, which is in no trait."""

from __future__ import annotations

import traitlets

from workbench.ui.components.component import Component, static


class SecretBox(Component):
    """A password box whose text reaches the kernel as a message, and is then gone from the page.

    A trait would be part of the widget's state, which a notebook may be saved with; a message is part of nothing.

    Events
    ------
    `{"event": "secret", "text": str}`
        Something was typed, and Enter pressed or the box left.
    """

    _esm = static("secret_box.js")

    placeholder = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Unicode("", help="What is known of the key, below the box.").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
