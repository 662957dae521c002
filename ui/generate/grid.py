"""The picture of the Generate page, drawn in the browser while a slider is being dragged."""

from typing import Any

import streamlit as st

from ui.components import component, triggered
from ui.shared import address
from ui.shared.address import MAX_Z, knob_value

_grid = component("generate/grid", html='<div class="grid"></div>')
KEY = "grid"
_DRAWN = "drawn_model"


def show(data: dict[str, Any]) -> None:
    """Show it. It travels to the browser again only when `data`, as in grid.js, changes."""
    _grid(
        data=data,
        key=KEY,
        on_pad_change=lambda: _set_knobs(data["pad"]),
        on_drawn_change=_note_drawn,
    )


def is_new() -> bool:
    """Whether the picture is not on the page yet."""
    return KEY not in st.session_state


def has_drawn(model_id: str) -> bool:
    """Whether the browser has drawn with this model: from then on it draws all pictures of it."""
    return st.session_state.get(_DRAWN) == model_id


def _note_drawn() -> None:
    if drawn := triggered(KEY, "drawn"):
        address.keep_problems()
        st.session_state[_DRAWN] = drawn


def _set_knobs(knobs: list[str]) -> None:
    """Set the knobs of the pad to what it reports."""
    st.session_state.update(_checked(triggered(KEY, "pad"), knobs))


def _checked(report: Any, knobs: list[str]) -> dict[str, float]:
    """What the browser reports, {"z0": 1.5, …}; nothing if it is not of this form."""
    if not isinstance(report, dict):
        return {}
    values: dict[str, float] = {}
    for knob in knobs:
        value = report.get(knob)
        if not isinstance(value, int | float) or not abs(value) < MAX_Z:
            return {}
        values[knob] = knob_value(value)
    return values
