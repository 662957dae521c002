"""The sheet in the browser."""

from collections.abc import Callable
from typing import Any

from ui.live import component, triggered

_sheet = component("explore/sheet", html='<div class="explore"><div class="view"></div></div>')
_KEY = "live_sheet"


def show(data: dict[str, Any], use: Callable[[Any], None]) -> None:
    """Show it.

    Args:
        data: as in sheet.js.
        use: called with what the browser reports when a z is to be taken to Generate.
    """
    _sheet(
        data=data,
        key=_KEY,
        height="content",
        on_use_change=lambda: use(triggered(_KEY, "use")),
    )
