"""The latent knobs of the Generate page, and what sets all of them at once."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui.components import pictures
from ui.generate.choices import Choices
from ui.generate.controls import slider
from ui.public import permissions
from ui.shared import address
from ui.shared.address import SWEEP
from ui.shared.callbacks import show_action_error, try_action
from ui.shared.labels import with_article
from vae.analysis.latent import effect
from vae.data.mnist import Floats, first_test_examples
from vae.files import registry
from vae.files.knobs import MAX_KNOB_NAME
from vae.images import grid
from vae.model.numpy_model import TrainedVAE

if TYPE_CHECKING:
    from ui.draw.canvas import Drawing

NEAR_START = 0.2
"""The spread of samples around a digit that one starts from: its style stays recognisable."""


@dataclass
class Start:
    """The digit that the knobs were set to: an image (784,), what it is, and whose z it has."""

    x: Floats
    name: str
    model: str


@st.cache_data(show_spinner=False, max_entries=64)
def strongest(model_id: str, _model: TrainedVAE) -> list[str]:
    """The knobs, those that change the picture most first."""
    names = address.knobs(_model)
    return [names[i] for i in np.argsort(-effect(_model), kind="stable")]


def update_start() -> None:
    """Forget the start of another model's z; note the drawing if Draw has set the knobs."""
    start: Start | None = st.session_state.get("start")
    if start and start.model != st.session_state.model:
        _leave_start()
    if not st.session_state.pop("from_drawing", False):
        return
    _leave_start()
    drawing: Drawing | None = st.session_state.get("drawing")
    if drawing and drawing.x is not None:
        digit = drawing.label
        _start(drawing.x, "your drawing" if digit is None else _of_test_set(digit))


def heading(model: TrainedVAE) -> None:
    """The heading, and the buttons that set all knobs."""
    with st.container(horizontal=True, vertical_alignment="center", key="knobs_heading"):
        st.markdown("**Latent knobs**", width="stretch")
        _naming(model)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            on_click=_set_all,
            args=([0.0] * model.params.z_dim,),
            help="All knobs to 0, the mean of the prior.",
        )
        st.button(
            "Surprise me",
            icon=":material/casino:",
            on_click=_surprise,
            args=(model.params.z_dim,),
            help="A random z of the prior, and another seed.",
        )
    with st.container(horizontal=True, vertical_alignment="center", key="start_row"):
        drawing: Drawing | None = st.session_state.get("drawing")
        drawn = drawing is not None and drawing.x is not None and drawing.label is None
        st.button(
            "My drawing",
            icon=":material/draw:",
            on_click=_start_from_drawing,
            args=(model,),
            disabled=not drawn,
            help="Sets the knobs to the μ that the encoder gives for your drawing.",
        )
        st.button(
            "A test digit",
            icon=":material/image:",
            on_click=lambda: try_action(_start_from_test_digit, model, where="start"),
            help="Sets the knobs to the μ of a random image of the test set.",
        )
        start: Start | None = st.session_state.get("start")
        if start:
            with st.container(width=40):
                pictures.show(grid([[start.x]]), f"Started from {start.name}")
            st.caption(f"Started from {start.name}", width="stretch")
        elif not drawn:
            st.caption("Draw a digit on Draw to start from its style.", width="stretch")
    show_action_error("start")


def sliders(model: TrainedVAE, choices: Choices, order: list[str]) -> None:
    """A slider for each knob, in that order, whose values go into `choices.values`."""
    called = names(model)
    with st.container(key="knobs"):
        for knob in order:
            swept = choices.mode == SWEEP and knob == choices.swept
            text = label(knob, called) + (", swept" if swept else "")
            slider(choices.values, knob, text, 0.1, disabled=swept, format="%.1f")


def names(model: TrainedVAE) -> dict[str, str]:
    """The names of the knobs by their keys."""
    return {f"z{i}": name for i, name in model.knob_names.items()}


def label(knob: str, called: dict[str, str]) -> str:
    """A knob with its name: "slant (z3)"."""
    return f"{called[knob]} ({knob})" if knob in called else knob


def _set_all(z: Iterable[float]) -> None:
    """Set the knobs to z, as far as they reach."""
    st.session_state.update({f"z{i}": address.knob_value(value) for i, value in enumerate(z)})
    _leave_start()


def _leave_start() -> None:
    if st.session_state.pop("start", None):
        st.session_state.spread = address.default("spread")


def _surprise(z_dim: int) -> None:
    _set_all([random.gauss(0, 1) for _ in range(z_dim)])
    st.session_state.seed = random.randint(0, address.MAX_SEED)


def _start_from_drawing(model: TrainedVAE) -> None:
    x = st.session_state.drawing.x
    _set_all(model.predict(x).mu)
    _start(x, "your drawing")


def _start_from_test_digit(model: TrainedVAE) -> None:
    test = first_test_examples()
    i = random.randrange(len(test.x))
    _set_all(model.predict(test.x[i]).mu)
    _start(test.x[i], _of_test_set(int(test.y[i])))


def _of_test_set(digit: int) -> str:
    return f"{with_article(digit)} of the test set"


def _start(x: Floats, name: str) -> None:
    st.session_state.start = Start(x, name, st.session_state.model)
    st.session_state.spread = NEAR_START


def _naming(model: TrainedVAE) -> None:
    model_name = st.session_state.model
    if registry.is_shipped(model_name) or not permissions.may_change_model(model_name):
        return
    popover = st.popover("Name the knobs", icon=":material/label:", on_change="rerun", key="naming")
    if not popover.open:
        return
    with popover:
        st.caption("What does each knob change? Names are saved in the model's file.")
        called = names(model)
        with st.container(key="knob_names"):
            for knob in address.knobs(model):
                st.text_input(
                    knob,
                    called.get(knob, ""),
                    max_chars=MAX_KNOB_NAME,
                    key=(key := f"name_{model_name}_{knob}"),
                    on_change=_name_knob,
                    args=(model_name, knob, key),
                )
        show_action_error("names")


def _name_knob(model_name: str, knob: str, key: str) -> None:
    name = st.session_state[key]
    permissions.change_model(
        model_name, registry.name_knob, model_name, int(knob[1:]), name, where="names"
    )
