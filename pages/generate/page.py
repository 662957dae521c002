"""Generate digits: choose which, turn the latent knobs, take the picture home."""

import random

import numpy as np
import streamlit as st

from ui import models, pictures
from vae.images import grid, to_png
from vae.variations import REACH, sampled, swept

DIGITS = range(10)
MAX_SEED = 9999


@st.fragment
def knobs_and_grid() -> None:
    """The controls and the picture: a knob redraws these alone."""
    model = models.current()
    knobs = [f"z{i}" for i in range(model.params.z_dim)]

    def reset() -> None:
        st.session_state.update(dict.fromkeys(knobs, 0.0))

    def surprise() -> None:
        for knob in knobs:
            st.session_state[knob] = round(max(-REACH, min(REACH, random.gauss(0, 1))), 1)
        st.session_state.seed = random.randint(0, MAX_SEED)

    picture_side, controls = st.columns(2, gap="large")
    with controls:
        digits = st.pills(
            "Digits: a row each",
            DIGITS,
            selection_mode="multi",
            default=DIGITS,
            key="digits",
            bind="query-params",
            width="stretch",
        )
        left, right = st.columns(2)
        how = left.segmented_control(
            "Columns",
            ["sampled", "swept"],
            default="sampled",
            required=True,
            key="columns",
            bind="query-params",
            help="Sampled: random neighbours of the knobs' z. "
            "Swept: one knob goes from end to end, the others stay.",
        )
        count = right.slider("How many", 1, 12, 8, key="count", bind="query-params")
        if how == "sampled":
            spread = left.slider(
                "Spread",
                0.0,
                1.5,
                1.0,
                0.05,
                key="spread",
                bind="query-params",
                help="How far the samples are from the knobs' z; 1 is as wide as the prior.",
            )
            seed = right.number_input(
                "Random seed", 0, MAX_SEED, 0, key="seed", bind="query-params"
            )
        else:
            swept_knob = left.selectbox("Swept knob", knobs, key="knob", bind="query-params")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Latent knobs**", width="stretch")
            st.button("Reset", icon=":material/restart_alt:", on_click=reset)
            st.button("Surprise me", icon=":material/casino:", on_click=surprise)
        left, right = st.columns(2)
        z = [
            (left, right)[i % 2].slider(
                knob, -REACH, REACH, 0.0, 0.1, key=knob, bind="query-params"
            )
            for i, knob in enumerate(knobs)
        ]

    with picture_side:
        if not digits:
            st.info("Choose at least one digit.", icon=":material/touch_app:")
            return
        if how == "sampled":
            rows = sampled(z, count, spread, seed)
        else:
            rows = swept(z, count, knobs.index(swept_knob))
        images = np.stack([model.generate(digit, rows) for digit in sorted(digits)])
        pictures.show(grid(images, gap=2), "A grid of generated digits")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                "Download PNG",
                to_png(grid(images, scale=4, gap=8)),
                file_name="digits.png",
                mime="image/png",
                icon=":material/download:",
                on_click="ignore",
            )
            st.caption("The address of this page leads back to this picture.")


knobs_and_grid()
