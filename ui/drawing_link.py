"""The drawing in a link: put into the address that is copied, and taken from one that is opened."""

from contextlib import suppress
from typing import Any

import streamlit as st

from ui import address
from ui.address import MAX_Z
from ui.canvas import Drawing, objects
from vae.data.mnist import FEW, first_test_examples
from vae.data.preprocess import preprocess
from vae.data.strokes import Stroke, pack, rasterize, unpack
from vae.errors import DataError, DrawingError, EmptyDrawingError
from vae.model.numpy_model import TrainedVAE

DRAWING, Z = "drawing", "z"
"""The parameters: what is on the canvas, and the z that a visitor has moved to on Draw."""

_TEST_DIGIT = "test-"
_UNREADABLE = "This drawing cannot be put into a link."


def text_of(drawn: Drawing) -> str:
    """What is on the canvas as the parameter of a link.

    Raises:
        DrawingError: if it cannot be put into one.
    """
    if drawn.index is not None:
        return f"{_TEST_DIGIT}{drawn.index}"
    return pack([_stroke(strokes) for strokes in drawn.strokes])


def shown(drawn: Drawing) -> dict[str, str | None]:
    """What the Draw page adds to a copied link; if that is impossible, it says so."""
    if drawn.packed is None or drawn.packed[0] is not drawn.strokes:
        try:
            drawn.packed = drawn.strokes, text_of(drawn), ""
        except DrawingError as error:
            drawn.packed = drawn.strokes, None, str(error)
    _, text, problem = drawn.packed
    if problem:
        st.caption(problem)
    return {DRAWING: text}


def own() -> dict[str, str | None]:
    """What a page adds to a copied link on which a visitor's drawing may be, but no canvas."""
    drawn: Drawing | None = st.session_state.get("drawing")
    return shown(drawn) if drawn and drawn.strokes else {DRAWING: None}


def follow() -> None:
    """Take over the drawing that the address asks for, if that is new.

    It stays in the address, so that the page can be loaded again, until something else is drawn.
    """
    text = st.query_params.get(DRAWING)
    drawn: Drawing | None = st.session_state.get("drawing")
    if text is None or text == st.session_state.get("followed"):
        if drawn and not drawn.linked:
            for key in (DRAWING, Z):
                st.query_params.pop(key, None)
        return
    st.session_state.followed = text
    try:
        st.session_state.drawing = _drawing(text)
    except (DrawingError, DataError) as error:
        st.query_params.pop(DRAWING)
        st.query_params.pop(Z, None)
        address.warn(f"{error} It was left out.")


def follow_z(drawn: Drawing, model: TrainedVAE, model_id: str) -> None:
    """Take over the z that the address asks for, if that is new: Draw then starts with it."""
    text = st.query_params.get(Z)
    if text is None or text == st.session_state.get("followed_z"):
        return
    st.session_state.followed_z = text
    try:
        z = [float(number) for number in text.split(",")]
    except ValueError:
        z = []
    count = model.params.z_dim
    if len(z) == count and all(abs(value) < MAX_Z for value in z):
        drawn.z = model_id, z
        return
    st.query_params.pop(Z)
    address.warn(
        f"In the link, z must be {count} numbers between {-MAX_Z} and {MAX_Z}, "
        f"not {address.quoted(text)}. Shown: μ."
    )


def _drawing(text: str) -> Drawing:
    drawn = Drawing(linked=True)
    if text.startswith(_TEST_DIGIT):
        number = text.removeprefix(_TEST_DIGIT)
        if number not in map(str, range(FEW)):
            raise DrawingError(
                f"In the link, the number of the test digit must be between 0 and {FEW - 1}, "
                f"not {address.quoted(number)}."
            )
        examples = first_test_examples()
        drawn.show_test_digit(examples.x[int(number)], int(examples.y[int(number)]), int(number))
    else:
        strokes = unpack(text)
        drawn.show(objects(strokes))
        with suppress(EmptyDrawingError):
            drawn.x, drawn.objection = preprocess(rasterize(strokes))
    drawn.linked = True
    return drawn


def _stroke(path: dict[str, Any]) -> Stroke:
    """A stroke of the canvas, whose path is M, then L for straight parts or Q for a smooth line."""
    try:
        commands = path["path"]
        # A parabola's first point is one of the pen's, its second the middle to the next.
        smooth = any(command[0] == "Q" for command in commands)
        used = commands[1:] if smooth else commands
        points = tuple((round(command[1]), round(command[2])) for command in used)
        known = all(command[0] in ("M", "L", "Q") for command in commands)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise DrawingError(_UNREADABLE) from error
    if not points or not known:
        raise DrawingError(_UNREADABLE)
    return Stroke(points, smooth)
