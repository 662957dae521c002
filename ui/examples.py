"""Drawings to try: as strokes on the canvas, and digits of MNIST's test set."""

import random
from contextlib import suppress

import streamlit as st

from ui.callbacks import show_action_error, try_action
from ui.canvas import Drawing, objects
from vae.data.mnist import first_test_examples
from vae.data.strokes import Stroke
from vae.errors import DataError

_Line = list[tuple[int, int]]

FOUR_OR_NINE: list[_Line] = [
    [(143, 72), (99, 97), (89, 131), (101, 148), (189, 150)],
    [(194, 85), (189, 148), (184, 240)],
]
SCRIBBLE: list[_Line] = [[(230 if i % 2 else 50, 40 + 25 * i) for i in range(9)]]
TWO_DIGITS: list[_Line] = [
    [(50, 95), (78, 70), (104, 96), (50, 205), (112, 205)],
    [(160, 75), (235, 75), (190, 210)],
]
LINES = {"A 4 or a 9?": FOUR_OR_NINE, "A scribble": SCRIBBLE, "Two digits": TWO_DIGITS}
"""The examples that are drawn, by the names of their buttons: points x, y on the canvas."""

_FIRST = 35
"""The test digit of a first visit: a 2 with a loop, which z keeps."""


def first_drawing() -> Drawing:
    """What a first visit shows: a test digit, or an empty canvas if there is no MNIST."""
    drawn = Drawing()
    with suppress(DataError):
        _show_test_digit(drawn, _FIRST)
    return drawn


def choice() -> None:
    """Buttons that put an example on the canvas of the page."""
    drawn: Drawing = st.session_state.drawing
    st.caption("Or try")
    with st.container(key="example_buttons", horizontal=True):
        st.button("A test digit", on_click=try_action, args=(_any_test_digit, drawn))
        for name, lines in LINES.items():
            st.button(
                name,
                on_click=drawn.show,
                args=(objects(Stroke(tuple(line), False) for line in lines),),
            )
    show_action_error()


def _any_test_digit(drawn: Drawing) -> None:
    _show_test_digit(drawn, random.randrange(len(first_test_examples().y)))


def _show_test_digit(drawn: Drawing, index: int) -> None:
    examples = first_test_examples()
    drawn.show_test_digit(examples.x[index], int(examples.y[index]), index)
