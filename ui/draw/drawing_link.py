"""The drawing in the address: what a link, or a reload of the page, shows again."""

import streamlit as st

from ui.draw import examples
from ui.draw.canvas import Drawing
from ui.shared import address
from ui.shared.address import MAX_Z
from vae.data.mnist import EXAMPLE_COUNT
from vae.data.strokes import pack, unpack
from vae.errors import DataError, DrawingError
from vae.model.numpy_model import TrainedVAE

DRAWING, Z = "drawing", "z"
"""The parameters: what is on the canvas, and the z that a visitor has moved to on Draw."""

_TEST_DIGIT = "test-"


def text_of(drawn: Drawing) -> str | None:
    """What is on the canvas as the parameter; None if it is what a first visit shows.

    Raises:
        DrawingError: it is too long for a link.
    """
    if drawn.index == address.FIRST_DIGIT:
        return None
    return pack(drawn.strokes) if drawn.index is None else f"{_TEST_DIGIT}{drawn.index}"


def shown(drawn: Drawing) -> dict[str, str | None]:
    """The parameter of what is on the canvas; None if there is none. The page says why."""
    try:
        return {DRAWING: text_of(drawn)}
    except DrawingError as error:
        st.caption(str(error))
        return {DRAWING: None}


def own() -> dict[str, str | None]:
    """What a page adds to a copied link on which a visitor's drawing may be, but no canvas."""
    drawn: Drawing | None = st.session_state.get("drawing")
    return shown(drawn) if drawn and drawn.strokes else {DRAWING: None}


def read_address() -> None:
    """Begin a session with the drawing of its address.

    Later, what is drawn is newer than the address, to which it is written only afterwards.
    """
    text = st.query_params.get(DRAWING)
    if text is None or "drawing" in st.session_state:
        return
    try:
        st.session_state.drawing = _drawing(text)
    except (DrawingError, DataError) as error:
        st.query_params.pop(DRAWING)
        st.query_params.pop(Z, None)
        address.warn(f"{error} It was left out.")


def read_z(drawn: Drawing, model: TrainedVAE, model_id: str) -> None:
    """Take the z of the address at the first sight of a drawing: Draw then starts with it."""
    text = st.query_params.get(Z)
    if text is None or st.session_state.get("z_was_read"):
        return
    st.session_state.z_was_read = True
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
    drawn = Drawing()
    if not text.startswith(_TEST_DIGIT):
        drawn.show(unpack(text))
        return drawn
    number = text.removeprefix(_TEST_DIGIT)
    if number not in map(str, range(EXAMPLE_COUNT)):
        raise DrawingError(
            f"In the link, the number of the test digit must be between 0 and {EXAMPLE_COUNT - 1}, "
            f"not {address.quoted(number)}."
        )
    examples.show_test_digit(drawn, int(number))
    return drawn
