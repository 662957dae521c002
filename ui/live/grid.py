"""The picture of the Generate page, drawn in the browser while a slider is being dragged."""

import base64
import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.live import component, loader
from vae.data.mnist import Floats
from vae.model.latent import REACH

_grid = component("grid", html='<div class="grid"></div>')
KEY = "grid"


def show(data: dict[str, Any], on_pad: Callable[[dict[str, float]], None]) -> None:
    """Show it. It travels to the browser again only when `data` changes.

    Args:
        data: as described in grid.js.
        on_pad: called with the values of the two knobs that the pad has set.
    """

    def pad() -> None:
        if values := _checked(st.session_state[KEY].pad, data["pad"]):
            on_pad(values)

    _grid(data=data, key=KEY, on_failed_change=loader.report_failure, on_pad_change=pad)


def is_new() -> bool:
    """Whether the picture is not on the page yet."""
    return KEY not in st.session_state


def encoded(array: Floats) -> str:
    """Numbers as the text that `decoded` in samples.js reads: little-endian float32, base64."""
    return base64.b64encode(array.astype("<f4").tobytes()).decode()


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
