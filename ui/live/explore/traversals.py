"""The traversals in the browser."""

from collections.abc import Callable
from typing import Any

from ui.live import component, triggered

_traversals = component(
    "explore/traversals", html='<div class="explore"><div class="view"></div></div>'
)
_KEY = "live_traversals"


def show(data: dict[str, Any], use: Callable[[Any], None]) -> None:
    """Show them.

    Args:
        data: as in traversals.js.
        use: called with what the browser reports when a z is to be taken to Generate.
    """
    _traversals(
        data=data,
        key=_KEY,
        height="content",
        on_use_change=lambda: use(triggered(_KEY, "use")),
    )
