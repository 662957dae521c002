"""The controls of the Generate page beside the knobs: which digits, in which mode, from what."""

from typing import Any

import streamlit as st

from ui.generate import choices as chosen
from ui.generate.choices import Choices
from ui.shared import address
from ui.shared.address import OWN, PAD, PRIOR, SAMPLE, SWEEP
from vae.analysis.latent import REACH
from vae.model.numpy_model import TrainedVAE

_SWEEP_HELP = f"Sweep: from column to column one knob goes from {-REACH:g} to {REACH:g}; "
_PAD_HELP = "Pad: two knobs at once, under the finger."
_MODES_HELP = (
    "Sample: each column is a random z near that of the knobs. "
    f"{_SWEEP_HELP}the others stay. {_PAD_HELP}"
)
_MODES_HELP_WITHOUT_LABELS = (
    "Sample: each image is a random z near that of the knobs. "
    f"{_SWEEP_HELP}the others are random in each row. {_PAD_HELP}"
)


def choose(model: TrainedVAE, strongest: list[str]) -> Choices:
    """Show the controls; returns what is chosen, still without the knobs' values.

    Args:
        model: to be shown.
        strongest: the knobs, those that change the picture most first.
    """
    values: dict[str, float] = {}
    digits = _digits(model) if model.labelled else None
    row = st.container(horizontal=True, key="mode_row")
    mode = address.segmented(
        *(row, "columns", "Mode", model),
        help=_MODES_HELP if model.labelled else _MODES_HELP_WITHOUT_LABELS,
    )
    source, seed, swept = PRIOR, 0, "z0"
    across, up = strongest[0], strongest[min(1, len(strongest) - 1)]
    if mode == SAMPLE and model.labelled:
        source = _source(row, model)
    if mode == SWEEP:
        swept = address.selectbox(row, "knob", "Knob to sweep", model, width=130)
    if chosen.is_sampled(model, mode):
        seed = address.number(row, "seed", "Random seed", width=120)
    if mode == PAD:
        across = address.selectbox(row, "across", "Across", model, across, width=130)
        up = address.selectbox(row, "up", "Up", model, up, width=130)
        if across == up:
            st.caption(
                "Across and up are the same knob: choose two, or the pad moves along a line."
            )
    if digits is None:
        st.caption(
            "The decoder of this model gets z and no digit: z decides which digit appears, so "
            "there is none to choose."
        )
        digits = chosen.rows_without_labels(mode)
    elif mode == SAMPLE and not model.digit_gaussians:
        st.caption(
            "Samples of each digit's own Gaussian need a model that was trained in this version."
        )
    with st.container(key="display_sliders"):
        _sliders(model, mode, values)
    return Choices(
        *(sorted(digits), mode, seed, source == OWN, swept, (across, up)),
        contrast=address.CONTRAST + st.session_state.model,
        values=values,
    )


def _digits(model: TrainedVAE) -> list[int]:
    options = address.options("digits", model)
    digits: list[int] = st.pills(
        "Digits (one row each)",
        options,
        selection_mode="multi",
        default=options,
        key="digits",
        bind="query-params",
        width="stretch",
        wrap=True,
    )
    return digits


def slider(values: dict[str, float], name: str, label: str, step: float, **options: Any) -> None:
    """Show the slider of a parameter of the address, and put its value into `values`.

    The browser draws the picture, so the server has nothing to do when the slider is turned: the
    value comes with whatever is done next, or once the slider has rested (see
    `ui.generate.slider_sync`).
    """
    values[name] = address.slider(st, name, label, step, on_change="ignore", **options)


def _sliders(model: TrainedVAE, mode: str, values: dict[str, float]) -> None:
    contrast = round(model.metrics.get("contrast", 1.0), 1)
    values |= {name: address.default(name) for name in ("count", "spread")}
    if mode != PAD:
        slider(values, "count", "Columns", 1)
    if chosen.is_sampled(model, mode):
        slider(
            *(values, "spread", "Spread", 0.05),
            help="Standard deviation of the samples around the knobs' z. The prior's is 1.",
        )
    slider(
        *(values, address.CONTRAST + st.session_state.model, "Contrast", 0.1),
        default=contrast,
        help="For display only, not a part of the model: how strongly grays are pushed to black "
        "and white. 1 shows the model's own output. The slider starts where generated digits are "
        "as crisp as those of the training set.",
    )


def _source(row: Any, model: TrainedVAE) -> str:
    source: str = address.segmented(
        *(row, "source", "Samples from", model),
        disabled=len(address.sources(model)) == 1,
        help="Prior: z from N(0, I), the distribution towards which training pulls z. "
        "Digit's own: z from a Gaussian fitted to the z of the training images of each digit, "
        "so that more samples look like that digit, and like those in the training set.",
    )
    return source
