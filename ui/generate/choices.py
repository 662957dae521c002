"""What a picture on the Generate page shows: the choices, their bounds, and the digits of them."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from ui import links
from vae.data.mnist import PIXELS, Floats
from vae.model.latent import (
    REACH,
    decode_grid,
    digits_own,
    sample_around,
    samples_of_digits,
    traverse,
)
from vae.model.numpy_model import MAX_CONTRAST, TrainedVAE

DIGITS = range(10)
SAMPLE, SWEEP, PAD = MODES = ["Sample", "Sweep", "Pad"]
PRIOR, OWN = SOURCES = ["Prior", "Digit's own"]
MAX_COLUMNS, MAX_SEED, MAX_SPREAD = 12, 9999, 1.5
COLUMNS, SPREAD = 8, 1.0
"""What the sliders start with."""

MAX_Z = 100
"""Larger numbers of a browser or an address are no z that a page shows."""

PAD_COLUMNS = 5
"""Digits in each row of the picture in the mode Pad; in the other modes each digit has a row."""

_OLD_MODES = {"sampled": SAMPLE, "swept": SWEEP}


@dataclass
class Choices:
    """What a visitor has chosen.

    Attributes:
        digits: in ascending order. Without labels, one for each row of the picture, whichever.
        mode: one of `MODES`.
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


def knobs(model: TrainedVAE) -> list[str]:
    """The keys of the knobs' sliders: z0, z1, …"""
    return [f"z{i}" for i in range(model.params.z_dim)]


def knob_value(z: float) -> float:
    """The nearest value of a knob's slider: within its reach, in tenths."""
    return round(max(-REACH, min(REACH, float(z))), 1) + 0.0  # No -0.


def contrast_key() -> str:
    """The key of the slider of the contrast: each model starts with its own."""
    return f"contrast_{st.session_state.model}"


def sources(model: TrainedVAE) -> list[str]:
    """Where samples of this model can come from."""
    return SOURCES if model.digit_gaussians and model.labelled else [PRIOR]


def is_sampled(model: TrainedVAE, mode: str) -> bool:
    """Whether z is random in this mode: without labels, a sweep starts from samples, too."""
    return mode == SAMPLE or (mode == SWEEP and not model.labelled)


def rows_without_labels(mode: str) -> list[int]:
    """The `Choices.digits` of a model without labels: ten rows of samples, or one image."""
    return [0] if mode == PAD else [*DIGITS]


def translate_link() -> None:
    """Rewrite a link of an earlier version, and run the page again with it."""
    old_names = {f"ink_{st.session_state.model}": contrast_key()}
    links.translate(old_names, {"columns": _OLD_MODES})


def rules(model: TrainedVAE) -> dict[str, links.Rule]:
    """What each parameter of the address may be."""
    knob = links.one_of(knobs(model))
    return {
        **({"digits": links.one_of(DIGITS)} if model.labelled else {}),
        "columns": links.one_of(MODES),
        "source": links.one_of(sources(model)),
        "count": links.whole(1, MAX_COLUMNS),
        "spread": links.between(0, MAX_SPREAD),
        "seed": links.whole(0, MAX_SEED),
        **dict.fromkeys(("knob", "across", "up"), knob),
        contrast_key(): links.between(1, MAX_CONTRAST),
        **dict.fromkeys(knobs(model), links.between(-REACH, REACH)),
    }


def images(model: TrainedVAE, choices: Choices) -> Floats:
    """The digits that are to be shown: (rows, columns, 784) in [0, 1]."""
    names, values = knobs(model), choices.values
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
