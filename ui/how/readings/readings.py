"""Step 6: the digit that the classifier reads, and that which the decoder's ten ELBOs say."""

import time
from typing import Any

import numpy as np
import streamlit as st

from ui.components import component, triggered
from ui.components.numbers import encoded
from ui.components.subject import Subject
from ui.how.image import data
from ui.how.step import Step
from ui.shared import address
from vae.analysis import readings
from vae.analysis.bounds import LOG_PRIOR, same_eps
from vae.analysis.readings import SAMPLES, Readings
from vae.data.mnist import EXAMPLE_COUNT, first_test_examples
from vae.model.numpy_model import TrainedVAE

_live = component("how/readings/readings")
_KEY = "how_readings"
_SHOWN = 7
"""Test digits to jump to."""

_HERE = "how_readings_here"
_MAX_SECONDS = 30
"""Seconds that reading test digits may take: of a slow model fewer digits are read."""

_SLICE, _TRIED = 25, 3
"""Test digits that are read at a time, and those by which the time is measured."""


def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    found = _measured(model_id, model) or _read_here(model_id)
    examples = found.where[:_SHOWN] if found else ()
    _live(
        data={
            **data(subject, model_id),
            "eps": encoded(same_eps(SAMPLES, model.params.z_dim)),
            "logPrior": LOG_PRIOR.tolist(),
            "readings": found and found._asdict() | {"where": examples},
            "images": encoded(first_test_examples().x[list(examples)]),
        },
        key=_KEY,
        height="content",
        on_go_change=_go,
    )
    if not found and model.labelled:
        _offer(model, model_id)


@st.fragment
def _offer(model: TrainedVAE, model_id: str) -> None:
    """The button to read test digits with a model of which nothing is known, and the reading."""
    seconds = _seconds(model_id, model)
    images = int(np.clip(_MAX_SECONDS / seconds // _SLICE, 1, EXAMPLE_COUNT // _SLICE)) * _SLICE
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button(
            f"Read the first {images} test digits in both ways",
            icon=":material/rule:",
            key="how_read",
        )
        st.caption(f"That takes about {images * seconds:.0f} seconds.", width="content")
    place = st.empty()
    if not started:
        return
    # In slices, between which the visitor can go on to something else. What has been read is kept
    # for all visitors.
    bar = place.progress(0.0)
    parts = []
    for start in range(0, images, _SLICE):
        bar.progress(start / images, f"{start} of {images} test digits read")
        parts.append(_slice(model_id, start, model))
    found = readings.compare(np.concatenate(parts, 1), first_test_examples().y[:images])
    st.session_state[_HERE] = model_id, found
    st.rerun()


@st.cache_data(show_spinner=False, max_entries=64)
def _seconds(model_id: str, _model: TrainedVAE) -> float:
    """How long it takes to read an image, measured."""
    x = first_test_examples().x[:_TRIED]
    readings.answers(_model, x[:1])  # The first time takes longer.
    start = time.perf_counter()
    readings.answers(_model, x)
    return (time.perf_counter() - start) / len(x)


@st.cache_data(show_spinner=False, max_entries=128)
def _slice(model_id: str, start: int, _model: TrainedVAE) -> readings.Digits:
    return readings.answers(_model, first_test_examples().x[start : start + _SLICE])


def _read_here(model_id: str) -> Readings | None:
    """What this visitor has had read with the model."""
    known, found = st.session_state.get(_HERE, (None, None))
    return found if known == model_id else None


@st.cache_data(show_spinner=False, max_entries=16)
def _measured(model_id: str, _model: TrainedVAE) -> Readings | None:
    return readings.measured(_model)


def _go() -> None:
    """Follow the test digit that was clicked on."""
    index = _checked(triggered(_KEY, "go"))
    if index is not None:
        st.session_state["how_from"] = address.TEST_DIGIT
        st.session_state["how_digit"] = index


def _checked(report: Any) -> int | None:
    return report if type(report) is int and 0 <= report < EXAMPLE_COUNT else None


STEP = Step(
    key="readings",
    name="Readings",
    title="Two ways to read a digit",
    question=(
        "The decoder has learned to draw. Can it tell which digit an image shows? "
        "And if it and the classifier differ, which of them is right more often?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        p(y \mid x) = \frac{p(x \mid y)\, p(y)}{\sum_{y'} p(x \mid y')\, p(y')} \\
        \log p(x \mid y) \approx L_y = \mathrm{ELBO}(x, y) \\
        p(y \mid x) \approx \mathrm{softmax}_y\left(L_y + \log p(y)\right)
        \end{gathered}""",
    code="vae/analysis/bounds.py:digit_elbos vae/analysis/bounds.py:digit_posterior",
    seen=(
        "A decoder with labels can also recognise: encode and decode the image as each of the ten "
        "digits, and the digit under which it is likeliest is an answer, too. In the included "
        "models it is wrong 1.3 to 5 times as often as the classifier, and its confidence is too "
        "high: ten nats are a factor of 22,000."
    ),
)
