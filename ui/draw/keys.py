"""A pen for the keyboard, over the canvas of the Draw page, and Ctrl+Z."""

from collections.abc import Callable

from ui.components import component

_keys = component("draw/keys")


def show(undo: Callable[[], None]) -> None:
    """Show it over the canvas; `undo` takes back the last stroke."""
    _keys(data={}, key="canvas_keys", on_undo_change=undo)
