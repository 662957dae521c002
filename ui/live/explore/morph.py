"""The morph in the browser."""

from typing import Any

from ui.live import component

_morph = component("explore/morph", html='<div class="explore"><div class="view"></div></div>')


def show(data: dict[str, Any]) -> None:
    """Show it. `data` is that of morph.js."""
    _morph(data=data, key="live_morph", height="content")
