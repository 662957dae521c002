"""The image that a page follows through the model: a drawing of the visitor, or a test digit."""

import random
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.shared import address
from ui.shared.address import DRAWING, TEST_DIGIT
from ui.shared.pages import script
from vae.data.mnist import EXAMPLE_COUNT, Floats, first_test_examples
from vae.model.numpy_model import TrainedVAE


class Subject(NamedTuple):
    """An image.

    Attributes:
        x: (784,) in [0, 1].
        label: its digit if that is known.
        title: what it is, in words: "test digit 35, labelled 2".
    """

    x: Floats
    label: int | None
    title: str


def drawing() -> Subject | None:
    """What was drawn on the Draw page; None if nothing was drawn there."""
    drawn = st.session_state.get("drawing")
    if drawn is None or drawn.x is None or not drawn.strokes:
        return None
    return Subject(drawn.x, None, "your drawing")


def test_digit(index: int) -> Subject:
    """One of the first `EXAMPLE_COUNT` images of MNIST's test set.

    Raises:
        DataError: if they cannot be read.
    """
    examples = first_test_examples()
    label = int(examples.y[index])
    return Subject(examples.x[index], label, f"test digit {index}, labelled {label}")


def choose(key: str, model: TrainedVAE) -> Subject:
    """Show the choice of an image, a row of controls, where it is called.

    Args:
        key: what the names of its parameters in the address begin with.
        model: that is shown.

    Raises:
        DataError: as `test_digit`.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_choice")
    return choose_image(row, key, choose_source(row, key, model))


def choose_source(row: DeltaGenerator, key: str, model: TrainedVAE, label: str = "Image") -> str:
    """Show in `row` the choice of where an image is to come from: the first part of `choose`.

    It begins with the drawing, if there is one and the table of parameters has no other default.
    """
    name = f"{key}_from"
    first = address.default(name) or (DRAWING if drawing() else TEST_DIGIT)
    source: str = address.segmented(row, name, label, model, first)
    return source


def choose_image(row: DeltaGenerator, key: str, source: str) -> Subject:
    """Show in `row` the choice of an image of a source: the second part of `choose`."""
    if source == DRAWING:
        if own := drawing():
            return own
        row.page_link(script("draw"), label="Draw a digit first", icon=":material/draw:")
        return test_digit(address.default(f"{key}_digit"))
    index = address.number(row, f"{key}_digit", f"Number, 0 to {EXAMPLE_COUNT - 1}", width=140)
    row.button(
        "Another", icon=":material/casino:", key=f"{key}_other", on_click=_another, args=(key,)
    )
    return test_digit(index)


def _another(key: str) -> None:
    st.session_state[f"{key}_digit"] = random.randrange(EXAMPLE_COUNT)
