"""Generate digits: choose which, set the latent knobs, download the picture."""

import random
import re

import streamlit as st

from ui import links, pictures, shell
from ui.copy_link import copy_link
from vae.data.mnist import Floats
from vae.images import grid, to_png
from vae.model.latent import REACH, decode_grid, sample_around, traverse
from vae.model.numpy_model import MAX_CONTRAST

shell.require_navigation()

DIGITS = range(10)
MODES = ["Sample", "Sweep"]
OLD_MODES = {"sampled": "Sample", "swept": "Sweep"}
MAX_COLUMNS, MAX_SEED, MAX_SPREAD = 12, 9999, 1.5
# The height of the header above the picture and of the buttons below it.
AROUND_PICTURE_REM = 17.75

model = shell.current()
knobs = [f"z{i}" for i in range(model.params.z_dim)]
contrast_key = f"contrast_{st.session_state.model}"  # Each model starts with its own.
old_names = {f"ink_{st.session_state.model}": contrast_key}
links.translate(old_names, {"columns": OLD_MODES})
rules = {
    "digits": links.one_of(DIGITS),
    "columns": links.one_of(MODES),
    "count": links.between(1, MAX_COLUMNS),
    "spread": links.between(0, MAX_SPREAD),
    "seed": links.between(0, MAX_SEED),
    "knob": links.one_of(knobs),
    contrast_key: links.between(1, MAX_CONTRAST),
    **dict.fromkeys(knobs, links.between(-REACH, REACH)),
}
invalid = links.invalid(rules)
notices = st.container()
picture_side, controls = st.columns(2, gap="large")


def reset() -> None:
    """Set every knob to 0."""
    st.session_state.update(dict.fromkeys(knobs, 0.0))


def surprise() -> None:
    """Set the knobs to a sample of the prior, and choose another seed."""
    for knob in knobs:
        st.session_state[knob] = round(max(-REACH, min(REACH, random.gauss(0, 1))), 1)
    st.session_state.seed = random.randint(0, MAX_SEED)


with controls:
    digits = st.pills(
        "Digits (one row each)",
        DIGITS,
        selection_mode="multi",
        default=DIGITS,
        key="digits",
        bind="query-params",
        width="stretch",
    )
    left, right = st.columns(2)
    mode = left.segmented_control(
        "Mode",
        MODES,
        default="Sample",
        required=True,
        key="columns",
        bind="query-params",
        help="Sample: each column is a random z near that of the knobs. "
        f"Sweep: from column to column one knob goes from {-REACH:g} to {REACH:g}; "
        "the others stay.",
    )
    count = right.slider("Columns", 1, MAX_COLUMNS, 8, key="count", bind="query-params")
    if mode == "Sample":
        spread = left.slider(
            "Spread",
            0.0,
            MAX_SPREAD,
            1.0,
            0.05,
            key="spread",
            bind="query-params",
            help="Standard deviation of the samples around the knobs' z. The prior's is 1.",
        )
        seed = right.number_input("Random seed", 0, MAX_SEED, 0, key="seed", bind="query-params")
    else:
        swept = left.selectbox("Knob to sweep", knobs, key="knob", bind="query-params")

    contrast = st.slider(
        "Contrast (display only)",
        1.0,
        MAX_CONTRAST,
        value=round(model.metrics.get("contrast", 1.0), 1),
        step=0.1,
        key=contrast_key,
        bind="query-params",
        help="Not a part of the model: how strongly grays are pushed to black and white. "
        "1 shows the model's own output. The slider starts where generated digits are as crisp "
        "as those of the training set.",
    )

with picture_side:
    place = st.empty()
    if not digits:
        place.info("Choose at least one digit.", icon=":material/touch_app:")


def images(z: list[float]) -> Floats:
    """The grid that the controls ask for around z: (digits, columns, 784)."""
    if mode == "Sample":
        rows = sample_around(z, count, spread, seed)
    else:
        rows = traverse(z, count, knobs.index(swept))
    return decode_grid(model, sorted(digits), rows, contrast)


shown: dict[str, Floats] = {}


@st.fragment
def knobs_and_grid() -> None:
    """The latent knobs and the grid: a change of a knob redraws these alone."""

    def show(z: list[float]) -> None:
        if digits:
            shown["images"] = images(z)
            picture = grid(shown["images"], gap=2)
            pictures.show(picture, "A grid of generated digits", place, AROUND_PICTURE_REM)

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
    copy_link("Copy link to this picture")
with notices:
    links.warn_invalid(invalid, rules)
    for key in st.query_params:
        if re.fullmatch(r"z\d+", key) and key not in knobs and key not in st.session_state:
            links.warn(f"This model has no {key}: its z has {len(knobs)} dimensions.")
