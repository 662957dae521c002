"""The picture of the Generate page, drawn in the browser while a slider is being dragged."""

from typing import Any

import numpy as np
import streamlit as st

from ui.components import component, triggered
from ui.components.numbers import encoded
from ui.generate import choices as chosen
from ui.generate import knobs
from ui.generate.choices import Choices
from ui.shared import address
from ui.shared.address import MAX_Z, SAMPLE, knob_value
from vae.analysis.latent import REACH, sample_around
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE

GAP = 2
"""Pixels between two digits."""

_grid = component("generate/grid", html='<div class="grid"></div>')
_KEY = "grid"


def show(model: TrainedVAE, model_id: str, choices: Choices) -> None:
    """Show the picture, for which the browser reads the sliders' values on the page."""
    data = {
        "model": model_id,
        "knobs": address.knobs(model),
        "contrast": choices.contrast,
        "digits": choices.digits,
        "labelled": model.labelled,
        "mode": choices.mode,
        "swept": choices.swept,
        "pad": [*choices.pad],
        "padNames": [knobs.label(knob, knobs.names(model)) for knob in choices.pad],
        "padColumns": chosen.PAD_COLUMNS,
        "reach": REACH,
        "gap": GAP,
        "eps": "",
        "own": None,
    }
    if chosen.is_sampled(model, choices.mode):
        zeros = np.zeros(model.params.z_dim)
        rows = 1 if model.labelled else len(choices.digits)
        eps = sample_around(zeros, rows * address.MAX_COLUMNS, 1, choices.seed)
        data["eps"] = encoded(eps)
        if choices.mode == SAMPLE and choices.own and (own := model.digit_gaussians):
            mean, root = own.mean[choices.digits], own.root[choices.digits]
            data["own"] = {"mean": encoded(mean), "root": encoded(root)}
    _grid(data=data, key=_KEY, on_pad_change=lambda: _set_knobs([*choices.pad]))


def png(model: TrainedVAE, choices: Choices, scale: int) -> bytes:
    """What is on the screen as a PNG file in which the pixels are `scale` times as large."""
    return to_png(grid(chosen.images(model, choices), scale, GAP * scale))


def _set_knobs(keys: list[str]) -> None:
    """Set the knobs of the pad to what it reports."""
    st.session_state.update(_checked(triggered(_KEY, "pad"), keys))


def _checked(report: Any, keys: list[str]) -> dict[str, float]:
    """What the browser reports, {"z0": 1.5, …}; nothing if it is not of this form."""
    if not isinstance(report, dict):
        return {}
    values = [report.get(key) for key in keys]
    if not all(isinstance(value, int | float) and abs(value) < MAX_Z for value in values):
        return {}
    return {key: knob_value(report[key]) for key in keys}
