"""The picture of the Generate page, drawn in the browser while a slider is being dragged."""

import base64
import math
from typing import Any

import streamlit as st

from ui.live import component
from ui.live.model import loader
from vae.data.mnist import Floats
from vae.model.latent import REACH

_grid = component("generate/grid", html='<div class="grid"></div>')
KEY = "grid"


def show(data: dict[str, Any]) -> None:
    """Show it. It travels to the browser again only when `data`, as in grid.js, changes."""
    _grid(
        data=data,
        key=KEY,
        on_failed_change=loader.report_failure,
        on_pad_change=lambda: _set_knobs(data["pad"]),
    )


def is_new() -> bool:
    """Whether the picture is not on the page yet."""
    return KEY not in st.session_state


def encoded(array: Floats) -> str:
    """Numbers as the text that `decoded` in samples.js reads: little-endian float32, base64."""
    return base64.b64encode(array.astype("<f4").tobytes()).decode()


def _set_knobs(knobs: list[str]) -> None:
    """Set the knobs of the pad to what it reports."""
    st.session_state.update(_checked(st.session_state[KEY].pad, knobs))


def _checked(report: Any, knobs: list[str]) -> dict[str, float]:
    """What the browser reports, {"z0": 1.5, …}; nothing if it is not of this form."""
    if not isinstance(report, dict):
        return {}
    values: dict[str, float] = {}
    for knob in knobs:
        value = report.get(knob)
        if not isinstance(value, int | float) or not math.isfinite(value):
            return {}
        values[knob] = round(max(-REACH, min(REACH, float(value))), 1) + 0.0  # No -0.
    return values
