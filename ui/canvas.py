"""The canvas: a drawing that survives a page switch, with Undo and Clear that work by touch."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from vae.data.mnist import Floats
from vae.data.preprocess import preprocess
from vae.errors import EmptyDrawingError

SIDE = 280
PEN = 20


@dataclass
class Drawing:
    """What a visitor has drawn.

    Attributes:
        strokes: the canvas' own objects, one a stroke.
        x: the drawing as an image of MNIST's kind, (784,), or None if there is none.
        objection: why it cannot be one digit, in a sentence, or None.
        shown: the strokes that the canvas was last told to show. It redraws itself, and so
            forgets what was drawn since, whenever this or `revision` changes.
        png: the canvas' last report, to show_action_error a new one from a repetition.
    """

    strokes: list[dict[str, Any]] = field(default_factory=list)
    x: Floats | None = None
    objection: str | None = None
    shown: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0
    png: bytes | None = None

    def show(self, strokes: list[dict[str, Any]]) -> None:
        """Have the canvas show these strokes."""
        self.strokes = self.shown = strokes
        self.revision += 1
        if not strokes:
            self.x = None


def drawing() -> Drawing:
    """Show the canvas and return what is on it."""
    state: Drawing = st.session_state.setdefault("drawing", Drawing())
    if "canvas" not in st.session_state:  # It has just been put on the page.
        state.show(state.strokes)
    result = st_canvas(
        initial_drawing={"objects": state.shown, "revision": state.revision},
        stroke_width=PEN,
        stroke_color="#ffffff",
        background_color="#000000",
        width=SIDE,
        height=SIDE,
        return_image_data=True,
        key="canvas",
    )
    png = result.image_bytes
    if png is not None and png != state.png:
        state.png, state.strokes = png, result.json_data["objects"]
        try:
            state.x, state.objection = preprocess(result.image_data)
        except EmptyDrawingError:
            state.x = None
    with st.container(horizontal=True, width=SIDE):
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=lambda: state.show(state.strokes[:-1]),
            disabled=not state.strokes,
            width="stretch",
        )
        st.button(
            "Clear",
            icon=":material/delete:",
            on_click=lambda: state.show([]),
            disabled=not state.strokes,
            width="stretch",
        )
    return state
