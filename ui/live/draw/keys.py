"""A pen for the keyboard, over the canvas of the Draw page."""

from collections.abc import Callable

from ui.live import component
from ui.live.model import loader

_keys = component("draw/keys")


def show(undo: Callable[[], None]) -> None:
    """Show it over the canvas; `undo` takes back the last stroke."""
    _keys(data={}, key="canvas_keys", on_undo_change=undo, on_failed_change=loader.report_failure)
