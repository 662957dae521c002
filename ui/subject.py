"""The image that a page follows through the model: a drawing of the visitor, or a test digit."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import links
from ui.pages import script
from vae.data.mnist import FEW, Floats, first_test_examples

DRAWING, TEST_DIGIT = SOURCES = ["My drawing", "Test digit"]
FIRST = 35
"""The test digit to begin with: a 2 with a loop, which z keeps."""


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
    """One of the first `FEW` images of MNIST's test set.

    Raises:
        DataError: if they cannot be read.
    """
    examples = first_test_examples()
    label = int(examples.y[index])
    return Subject(examples.x[index], label, f"test digit {index}, labelled {label}")


def rules(key: str) -> dict[str, links.Rule]:
    """What the parameters of `choose` in the address may be."""
    return {f"{key}_from": links.one_of(SOURCES), f"{key}_digit": links.whole(0, FEW - 1)}


def choose(key: str, first: int = FIRST) -> Subject:
    """Show the choice of an image, a row of controls, where it is called.

    Args:
        key: of the widgets, and of their parameters in the address.
        first: the test digit to begin with.

    Raises:
        DataError: as `test_digit`.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_choice")
    source = choose_source(row, key, SOURCES, DRAWING if drawing() else TEST_DIGIT)
    return choose_image(row, key, source, first)


def choose_source(
    row: DeltaGenerator, key: str, sources: Sequence[str], default: str, label: str = "Image"
) -> str:
    """Show in `row` the choice of where an image is to come from: the first part of `choose`."""
    source: str = row.segmented_control(
        label,
        sources,
        default=default,
        required=True,
        key=f"{key}_from",
        bind="query-params",
        width="content",
    )
    return source


def choose_image(row: DeltaGenerator, key: str, source: str, first: int = FIRST) -> Subject:
    """Show in `row` the choice of an image of a source: the second part of `choose`."""
    if source == DRAWING:
        if own := drawing():
            return own
        row.page_link(script("draw"), label="Draw a digit first", icon=":material/draw:")
        return test_digit(first)
    index = row.number_input(
        f"Number, 0 to {FEW - 1}",
        0,
        FEW - 1,
        first,
        key=f"{key}_digit",
        bind="query-params",
        width=140,
    )
    row.button(
        "Another", icon=":material/casino:", key=f"{key}_other", on_click=_another, args=(key,)
    )
    return test_digit(int(index))


def _another(key: str) -> None:
    st.session_state[f"{key}_digit"] = random.randrange(FEW)
