"""What a picture on the Generate page shows: the choices, their bounds, and the digits of them."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from ui.shared import address
from ui.shared.address import PAD, SAMPLE, SWEEP
from vae.analysis.latent import decode_grid, digits_own, sample_around, samples_of_digits, traverse
from vae.data.mnist import CLASSES, PIXELS, Floats
from vae.model.numpy_model import TrainedVAE

PAD_COLUMNS = 5
"""Digits in each row of the picture in the mode Pad; in the other modes each digit has a row."""


@dataclass
class Choices:
    """What a visitor has chosen.

    Attributes:
        digits: in ascending order. Without labels, one for each row of the picture, whichever.
        mode: one of `ui.shared.address.MODES`.
        seed: of the samples.
        own: whether samples come from each digit's own Gaussian instead of the prior.
        swept: the knob that the columns of a sweep differ in.
        pad: the knobs that the pad sets: across and up.
        contrast: the key of its slider.
        values: of the sliders, by their keys: the knobs, `count`, `spread` and that of contrast.
    """

    digits: list[int]
    mode: str
    seed: int
    own: bool
    swept: str
    pad: tuple[str, str]
    contrast: str
    values: dict[str, float]

    def now(self) -> "Choices":
        """The same with what the sliders say now: they can be turned without a run of the page."""
        state = st.session_state
        values = {key: state.get(key, value) for key, value in self.values.items()}
        return replace(self, values=values)


def is_sampled(model: TrainedVAE, mode: str) -> bool:
    """Whether z is random in this mode: without labels, a sweep starts from samples, too."""
    return mode == SAMPLE or (mode == SWEEP and not model.labelled)


def rows_without_labels(mode: str) -> list[int]:
    """The `Choices.digits` of a model without labels: ten rows of samples, or one image."""
    return [0] if mode == PAD else [*range(CLASSES)]


def images(model: TrainedVAE, choices: Choices) -> Floats:
    """The digits that are to be shown: (rows, columns, 784) in [0, 1]."""
    names, values = address.knobs(model), choices.values
    count = int(values["count"])
    z = np.array([values[name] for name in names], np.float32)
    if choices.mode == SAMPLE:
        z = samples_of_digits(model, len(choices.digits), z, count, values["spread"], choices.seed)
        if choices.own and model.digit_gaussians:
            z = digits_own(model.digit_gaussians, choices.digits, z)
    elif choices.mode == SWEEP:
        rows = z[None]
        if not model.labelled:
            rows = sample_around(z, len(choices.digits), values["spread"], choices.seed)
        z = np.stack([traverse(row, count, names.index(choices.swept)) for row in rows])
    else:
        z = z[None]
    digits = decode_grid(model, choices.digits, z, values[choices.contrast])
    return _in_lines(digits[:, 0]) if choices.mode == PAD else digits


def _in_lines(digits: Floats) -> Floats:
    """Digits (n, 784) in lines of `PAD_COLUMNS`: → (rows, columns, 784), the last ones black."""
    columns = min(len(digits), PAD_COLUMNS)
    rows = -(-len(digits) // columns)
    lines = np.zeros((rows * columns, PIXELS), np.float32)
    lines[: len(digits)] = digits
    return lines.reshape(rows, columns, PIXELS)
