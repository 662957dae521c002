"""The style arithmetic in the browser."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.live import component, triggered

_arithmetic = component(
    "explore/arithmetic", html='<div class="explore"><div class="view"></div></div>'
)
_KEY = "live_arithmetic"


def show(data: dict[str, Any], picked: Callable[[Any], None]) -> None:
    """Show it.

    Args:
        data: as in arithmetic.js.
        picked: called with what the browser reports when images have been chosen.
    """
    _arithmetic(
        data=data,
        key=_KEY,
        height="content",
        on_picked_change=lambda: picked(triggered(_KEY, "picked")),
    )


def is_new() -> bool:
    """Whether it is not on the page yet."""
    return _KEY not in st.session_state
