"""The map of the Explore page, drawn in the browser."""

from collections.abc import Callable
from typing import Any

from ui.live import component

_map = component("explore/map/map")
_KEY = "map"


def show(data: dict[str, Any], choose_other: Callable[[], None]) -> None:
    """Show it.

    Args:
        data: as in map.js; it travels to the browser again only when it changes.
        choose_other: called when the visitor asks for the other kind of model.
    """
    _map(
        data=data,
        key=_KEY,
        height="content",
        on_other_change=choose_other,
    )
