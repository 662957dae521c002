"""Step 6: the digit that the classifier reads, and that which the decoder's ten ELBOs say."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from ui import subject as subjects
from ui.how.image import data
from ui.how.step import Step
from ui.labels import percent
from ui.live import component
from ui.live.model import loader
from ui.live.numbers import encoded
from ui.subject import Subject
from vae.data.mnist import FEW, first_test_examples
from vae.model import readings
from vae.model.bounds import LOG_PRIOR, digit_elbos, digit_posterior, same_eps
from vae.model.numpy_model import TrainedVAE
from vae.model.readings import SAMPLES, Readings

_live = component("how/readings")
_KEY = "how_readings"
_SHOWN = 7
"""Test digits to jump to."""


def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    found = _readings(model_id, model)
    if loader.works():
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
            on_failed_change=loader.report_failure,
        )
    else:
        _show_table(subject, model, found)
    if not found and model.labelled:
        st.button(
            f"Read the first {FEW} test digits in both ways",
            icon=":material/rule:",
            key="how_read",
            on_click=partial(_read, model_id, model),
        )


def _show_table(subject: Subject, model: TrainedVAE, found: Readings | None) -> None:
    x = subject.x[None]
    elbos = digit_elbos(model, x, same_eps(SAMPLES, model.params.z_dim))[0]
    st.dataframe(
        {
            "digit": range(10),
            "classifier": model.calibrated(model.classify(x))[0],
            "decoder": digit_posterior(elbos),
            "ELBO, nats": np.round(elbos, 1),
        },
        hide_index=True,
    )
    if found:
        st.caption(
            f"Of {found.images:,} test images the classifier reads {percent(found.classifier)} "
            f"rightly, the decoder {percent(found.decoder)}."
        )


def _readings(model_id: str, model: TrainedVAE) -> Readings | None:
    """What is known of the model: measured on the test set, or here on the first images of it."""
    return _measured(model_id, model) or _here().get(model_id)


def _read(model_id: str, model: TrainedVAE) -> None:
    _here()[model_id] = readings.read(model, first_test_examples())


@st.cache_data(show_spinner=False, max_entries=16)
def _measured(model_id: str, _model: TrainedVAE) -> Readings | None:
    return readings.measured(_model)


@st.cache_resource(show_spinner=False)
def _here() -> dict[str, Readings]:
    return {}


def _go() -> None:
    """Follow the test digit that was clicked on."""
    index = _checked(st.session_state[_KEY].go)
    if index is not None:
        st.session_state["how_from"] = subjects.TEST_DIGIT
        st.session_state["how_digit"] = index


def _checked(report: Any) -> int | None:
    return report if type(report) is int and 0 <= report < FEW else None


STEP = Step(
    key="readings",
    title="Two ways to read a digit",
    question=(
        "The decoder has only learned to draw. Can it tell which digit an image shows? "
        "And if it and the classifier differ, whom do you trust?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        p(y \mid x) = \frac{p(x \mid y)\, p(y)}{\sum_{y'} p(x \mid y')\, p(y')} \\
        \log p(x \mid y) \approx L_y = \mathrm{ELBO}(x, y) \\
        p(y \mid x) \approx \mathrm{softmax}_y\left(L_y + \log p(y)\right)
        \end{gathered}""",
    code="vae/model/bounds.py:digit_elbos vae/model/bounds.py:digit_posterior",
    seen=(
        "Encode and decode the image as each of the ten digits: the digit under which it is "
        "likeliest is an answer, too. A model that can draw can also recognise, usually a little "
        "worse than a network trained for nothing else, and it is too sure of itself: "
        "a few nats are a factor of thousands."
    ),
)
