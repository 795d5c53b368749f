"""Markdown as HTML for a panel: what looks like HTML in the text stays text."""

from __future__ import annotations

import mistune

_render = mistune.create_markdown(escape=True, plugins=["table"])


def markdown(text: str) -> str:
    """The text as a page; headings begin two levels down, below those of the panel."""
    made = str(_render(text))
    for level in (4, 3, 2, 1):
        made = made.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    # what scrolls is reached by keyboard
    made = made.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')
    return f'<div class="awb-rendered">{made}</div>'
