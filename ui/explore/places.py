"""Points of the latent space that a visitor chooses: of an image, of the prior, from a link."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.components import handover, subject
from ui.components.subject import Subject
from ui.generate.knobs import NEAR_START
from ui.shared import address
from ui.shared.address import PRIOR_MEAN, PRIOR_SAMPLE
from ui.shared.labels import with_article
from vae.analysis.latent import sample_around
from vae.data.mnist import Floats, one_hot
from vae.model.numpy_model import TrainedVAE, softmax

_DIGIT = "digit"
_WALK = "walk"


class Place(NamedTuple):
    """A point of the latent space, and as what it is decoded.

    Attributes:
        z: (z_dim,).
        digit_prob: what the decoder gets in addition to z, (10,).
        digit: the digit that it is, or looks most like.
        title: what it is, in words.
        x: the image whose μ it is, (784,), or None.
    """

    z: Floats
    digit_prob: Floats
    digit: int
    title: str
    x: Floats | None = None


def row(name: str) -> DeltaGenerator:
    """A row of controls, where it is called."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"explore_{name}")


def of_image(model: TrainedVAE, image: Subject) -> Place:
    """The μ of an image, decoded with what the classifier says of it, as on the Draw page."""
    digit_prob = softmax(model.classify(image.x[None]))
    mu, _ = model.encode(image.x[None], digit_prob)
    digit = int(digit_prob.argmax()) if image.label is None else image.label
    return Place(mu[0], digit_prob[0], digit, image.title, image.x)


def choose(row: DeltaGenerator, key: str, model: TrainedVAE, label: str) -> Place:
    """Show in `row` the choice of a point.

    Args:
        row: a horizontal container.
        key: what the names of its parameters in the address begin with.
        model: whose latent space it is.
        label: of the choice of the source.

    Raises:
        DataError: if there are no test digits.
    """
    source = subject.choose_source(row, key, model, label)
    if source == PRIOR_MEAN:
        zeros = np.zeros(model.params.z_dim, np.float32)
        return Place(zeros, one_hot(0), 0, "the mean of the prior, z = 0")
    if source == PRIOR_SAMPLE:
        return _sample(row, key, model)
    return of_image(model, subject.choose_image(row, key, source))


def _sample(row: DeltaGenerator, key: str, model: TrainedVAE) -> Place:
    digit = address.default(f"{key}_as")
    if model.labelled:
        digit = address.selectbox(row, f"{key}_as", "Digit", model, width=80)
    seed = address.number(row, f"{key}_seed", "Random seed", width=130)
    z = sample_around(np.zeros(model.params.z_dim), 1, 1.0, seed)[0]
    what = with_article(digit) if model.labelled else "a sample"
    return Place(z, one_hot(digit), digit, f"{what} of the prior, seed {seed}")


def choose_digit(row: DeltaGenerator, model: TrainedVAE, start: Place) -> Floats:
    """Show in `row` the choice of the digit that is decoded; returns it as probabilities (10,).

    When another image is chosen, its digit is chosen, too. A model without labels has no choice.
    """
    if not model.labelled:
        return start.digit_prob
    seen = st.session_state.get("digit_of")
    if seen not in (None, start.title) and start.x is not None:
        st.session_state[_DIGIT] = start.digit
    st.session_state["digit_of"] = start.title
    first = start.digit if start.x is not None else 2
    return one_hot(address.segmented(row, _DIGIT, "Digit that the decoder is given", model, first))


def walk(model: TrainedVAE, start: Place) -> list[float] | None:
    """The z in the address that was reached from this starting point, or None."""
    if not belongs_to(_WALK, start.z.tolist()):
        return None
    z: list[float] | None = address.value(_WALK, model)
    return z


def belongs_to(name: str, start: object) -> bool:
    """Whether a parameter of the address belongs to this starting point: the first shown with it.

    The parameter stays in the address when another starting point is chosen.
    """
    if name not in st.query_params:
        return False
    return bool(st.session_state.setdefault(f"{name}_belongs_to", start) == start)


def take_to_generate(report: Any, model: TrainedVAE) -> None:
    """Set the knobs of Generate to the z of a browser's report, if it is one of this model."""
    if handover.save(report, model):
        st.session_state.pop("start", None)
        st.session_state.spread = NEAR_START
