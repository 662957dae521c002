"""Generate digits: choose which, turn the latent knobs, take the picture home."""

import random

import streamlit as st

from ui import pictures, shell
from vae.data.mnist import Floats
from vae.images import grid, to_png
from vae.model.latent import REACH, decode_grid, sample_around, traverse
from vae.model.numpy_model import MAX_CONTRAST

shell.require_navigation()

DIGITS = range(10)
MAX_SEED = 9999

model = shell.current()
knobs = [f"z{i}" for i in range(model.params.z_dim)]
picture_side, controls = st.columns(2, gap="large")


def reset() -> None:
    """Turn every knob to 0."""
    st.session_state.update(dict.fromkeys(knobs, 0.0))


def surprise() -> None:
    """Turn the knobs to a sample of the prior, and draw another seed."""
    for knob in knobs:
        st.session_state[knob] = round(max(-REACH, min(REACH, random.gauss(0, 1))), 1)
    st.session_state.seed = random.randint(0, MAX_SEED)


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
        seed = right.number_input("Random seed", 0, MAX_SEED, 0, key="seed", bind="query-params")
    else:
        swept_knob = left.selectbox("Swept knob", knobs, key="knob", bind="query-params")

    contrast = st.slider(
        "Ink: a display setting",
        1.0,
        MAX_CONTRAST,
        value=round(model.metrics.get("contrast", 1.0), 1),
        step=0.1,
        key=f"contrast_{st.session_state.model}",  # Each model starts with its own.
        bind="query-params",
        help="No part of the model: how strongly its grays go to black and "
        "white. At 1 the picture is what the model says; it starts where drawn digits are as "
        "crisp as those of the training set.",
    )

with picture_side:
    place = st.empty()
    if not digits:
        place.info("Choose at least one digit.", icon=":material/touch_app:")


def images(z: list[float]) -> Floats:
    """The grid that the controls ask for around z: (digits, columns, 784)."""
    if how == "sampled":
        rows = sample_around(z, count, spread, seed)
    else:
        rows = traverse(z, count, knobs.index(swept_knob))
    return decode_grid(model, sorted(digits), rows, contrast)


shown: dict[str, Floats] = {}


@st.fragment
def knobs_and_grid() -> None:
    """The latent knobs and the grid: a turn of a knob redraws these alone."""

    def show(z: list[float]) -> None:
        if digits:
            shown["images"] = images(z)
            pictures.show(grid(shown["images"], gap=2), "A grid of generated digits", place)

    # The picture goes out before the sliders: it is what one waits for.
    known = [st.session_state.get(knob, 0.0) for knob in knobs]
    show(known)
    z: list[float] = []
    columns = st.columns(2)
    for i, knob in enumerate(knobs):
        with columns[i % 2]:
            z.append(st.slider(knob, -REACH, REACH, 0.0, 0.1, key=knob, bind="query-params"))
    if z != known:  # A knob that the address sets is known only once it is there.
        show(z)


with controls:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Latent knobs**", width="stretch")
        st.button("Reset", icon=":material/restart_alt:", on_click=reset)
        st.button("Surprise me", icon=":material/casino:", on_click=surprise)
    knobs_and_grid()
with picture_side, st.container(horizontal=True, vertical_alignment="center"):
    st.download_button(
        "Download PNG",
        lambda: to_png(grid(shown["images"], scale=4, gap=8)),
        file_name="digits.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
        disabled=not digits,
    )
    st.caption("The address of this page leads back to this picture.")
