"""Drawings to try: as strokes on the canvas, and digits of MNIST's test set."""

import random
from contextlib import suppress

import streamlit as st

from ui.draw.canvas import Drawing
from ui.shared.address import FIRST_DIGIT
from ui.shared.callbacks import show_action_error, try_action
from vae.data.mnist import first_test_examples
from vae.data.strokes import Point, Stroke
from vae.errors import DataError


def _polyline(*corners: Point) -> Stroke:
    """Straight lines between these points: a point that is there twice is a corner."""
    first, *inner, last = corners
    return [first, *(corner for corner in inner for _ in range(2)), last]


LINES: dict[str, list[Stroke]] = {
    "A 4 or a 9?": [
        _polyline((149, 72), (99, 97), (89, 131), (101, 148), (189, 150)),
        _polyline((194, 85), (189, 148), (184, 240)),
    ],
    "A scribble": [_polyline(*((230 if i % 2 else 50, 40 + 25 * i) for i in range(9)))],
    "Two digits": [
        _polyline((50, 95), (78, 70), (104, 96), (50, 205), (112, 205)),
        _polyline((160, 75), (235, 75), (190, 210)),
    ],
}
"""The examples that are drawn, by the names of their buttons."""


def first_drawing() -> Drawing:
    """What a first visit shows: a test digit, or an empty canvas if there is no MNIST."""
    drawn = Drawing()
    with suppress(DataError):
        show_test_digit(drawn, FIRST_DIGIT)
    return drawn


def choice() -> None:
    """Buttons that put an example on the canvas of the page."""
    drawn: Drawing = st.session_state.drawing
    st.caption("Or try")
    with st.container(key="example_buttons", horizontal=True):
        st.button("A test digit", on_click=try_action, args=(_any_test_digit, drawn))
        for name, lines in LINES.items():
            st.button(name, on_click=drawn.show, args=(lines,))
    show_action_error()


def show_test_digit(drawn: Drawing, index: int) -> None:
    """Show a digit of the test set instead of what is drawn.

    Raises:
        DataError: the test set cannot be read.
    """
    examples = first_test_examples()
    drawn.show_test_digit(examples.x[index], int(examples.y[index]), index)


def _any_test_digit(drawn: Drawing) -> None:
    show_test_digit(drawn, random.randrange(len(first_test_examples().y)))
