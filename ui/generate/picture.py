"""The picture of the Generate page: drawn by the browser, and by the server until then."""

import base64

import numpy as np
import streamlit as st

from ui.components.numbers import encoded
from ui.generate import choices as chosen
from ui.generate import grid as live_grid
from ui.generate import knobs
from ui.generate.choices import Choices
from ui.shared import address
from ui.shared.address import PAD, SAMPLE
from vae.analysis.latent import REACH, sample_around
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE

ALT = "A grid of generated digits"

_NOTHING = '<span class="vae-drawn"></span>'

GAP = 2
"""Pixels between two digits."""


def show(model: TrainedVAE, model_id: str, choices: Choices) -> None:
    """The picture as the browser draws it, with the sliders' values that it reads there.

    Until then, which is until the element and the model are in the browser, an image is there.
    """
    data = {
        "model": model_id,
        "alt": ALT,
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
    image = _first(model, model_id, choices)
    if choices.mode != PAD:  # There it is below the pad.
        st.html(image)
    live_grid.show(data)
    if choices.mode == PAD:
        st.html(image)


def png(model: TrainedVAE, choices: Choices, scale: int) -> bytes:
    """What is on the screen as a PNG file in which the pixels are `scale` times as large."""
    return to_png(grid(chosen.images(model, choices), scale, GAP * scale))


def _first(model: TrainedVAE, model_id: str, choices: Choices) -> str:
    """The picture as an image, until the browser draws it."""
    if live_grid.has_drawn(model_id) and not live_grid.is_new():
        return _NOTHING
    return _image(model_id, model, choices)


@st.cache_data(show_spinner=False, max_entries=64)
def _image(model_id: str, _model: TrainedVAE, choices: Choices) -> str:
    # Kept for the next visitor, since most begin with the same choices.
    picture = grid(chosen.images(_model, choices), gap=GAP)
    png = base64.b64encode(to_png(picture)).decode()
    aspect = picture.shape[1] / picture.shape[0]
    kind = f"vae-first vae-{choices.mode.lower()}"
    return (
        f'<img class="{kind}" style="--aspect:{aspect:.4f}" alt="{ALT}" '
        f'src="data:image/png;base64,{png}">'
    )
