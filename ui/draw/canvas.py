"""The canvas: a drawing that survives a page switch, with Undo and Clear that work by touch."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components import component, pictures
from vae.data.mnist import Floats
from vae.data.preprocess import preprocess_ink
from vae.data.strokes import CANVAS_SIDE, MAX_POINTS, PEN_WIDTH, Stroke, clipped, rasterize
from vae.errors import EmptyDrawingError
from vae.images import grid

_MAX_POINTS = 4 * MAX_POINTS
"""Points of the largest drawing that is read, which takes 0.4 s."""

_TOO_LONG = "This drawing is too long, so it was not read."
_UNREADABLE = "This drawing could not be read."

_STYLE = distribution("streamlit-drawable-canvas").locate_file(
    "streamlit_drawable_canvas/frontend/build/index-style.css"
)

# The component of the package, registered without the package's own `st_canvas`, which cannot hide
# the toolbar: its "Edit" stops all drawing, and its other buttons repeat ours.
_canvas = st.components.v2.component(
    "streamlit-drawable-canvas.streamlit_drawable_canvas",
    js="index-*.js",
    css=Path(str(_STYLE)).read_text(encoding="utf-8")
    + (Path(__file__).parent / "canvas.css").read_text(encoding="utf-8"),
    html='<div class="canvas-root"></div>',
    isolate_styles=True,
)

_keyboard_pen = component("draw/keys")


@dataclass
class Drawing:
    """What a visitor has drawn, or a digit of the test set in its place.

    Attributes:
        strokes: what is on the canvas.
        x: the drawing as an image of MNIST's kind, (784,), or None if there is none.
        objection: why it cannot be one digit, in a sentence, or None.
        problem: why the last report of the canvas was ignored, in a sentence, or "".
        label: the digit that `x` shows if it is an example of the test set, which has no strokes;
            else None.
        index: the number of that example.
        z: the id of a model and the z that a link asks for with this drawing.
        shown: the strokes that the canvas was last given to show. It redraws itself, and so
            forgets what was drawn since, whenever this or `revision` changes.
        revision: how often something else than the pen has changed the drawing, or put it on the
            page.
        runs: how often the page has asked for it.
    """

    strokes: list[Stroke] = field(default_factory=list)
    x: Floats | None = None
    objection: str | None = None
    problem: str = ""
    label: int | None = None
    index: int | None = None
    z: tuple[str, list[float]] | None = None
    shown: list[Stroke] = field(default_factory=list)
    revision: int = 0
    runs: int = 0
    _reported: list[Stroke] | None = None

    def show(self, strokes: list[Stroke]) -> None:
        """Have the canvas show these strokes."""
        self._draw(strokes)
        self.show_again()

    def show_again(self) -> None:
        """Have the canvas, which may just have been put on the page, show what is drawn."""
        self.shown = self.strokes
        self.revision += 1

    def undo(self) -> None:
        """Take back the last stroke, if there is one."""
        if self.strokes:
            self.show(self.strokes[:-1])

    def show_test_digit(self, x: Floats, label: int, index: int) -> None:
        """Show an image (784,) of the test set, whose number is `index`, on an empty canvas."""
        self.show([])
        self.x, self.label, self.index = x, label, index

    def read_report(self, report: Any) -> None:
        """Read what the canvas reports. A forged report changes nothing but `problem`.

        Streamlit repeats the last report until the next one, and the canvas reports what it was
        given to show: neither is a change.
        """
        if not isinstance(report, dict):
            return
        try:
            strokes = [_stroke(path) for path in report["raw"]["objects"]]
        except (KeyError, TypeError, ValueError, OverflowError):
            self.problem = _UNREADABLE
            return
        if sum(map(len, strokes)) > _MAX_POINTS:
            self.problem = _TOO_LONG
            return
        self.problem = ""
        if strokes not in (self._reported, self.strokes):
            self._draw(strokes)
        self._reported = strokes

    def _draw(self, strokes: list[Stroke]) -> None:
        self.strokes = strokes
        self.label = self.index = self.z = None
        try:
            self.x, self.objection = preprocess_ink(rasterize(strokes))
        except EmptyDrawingError:
            self.x = self.objection = None


def _stroke(path: dict[str, Any]) -> Stroke:
    """The stroke of one of the canvas' own objects.

    Its path starts with M. Then come Q, each with a point of the pen as control point and the
    middle to the next as end, and an L to the last point.
    """
    points = [clipped(x, y) for _, x, y, *_ in path["path"][1:]]
    if not points:
        raise ValueError("A stroke has no points.")
    return points


def _object(stroke: Stroke) -> dict[str, Any]:
    """A stroke as the canvas' own object."""
    parabolas = [["Q", x, y, (x + x2) / 2, (y + y2) / 2] for (x, y), (x2, y2) in pairwise(stroke)]
    return {
        "type": "Path",
        "path": [["M", *stroke[0]], *parabolas, ["L", *stroke[-1]]],
        "stroke": "#ffffff",
        "strokeWidth": PEN_WIDTH,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "fill": None,
    }


def drawing(first: Callable[[], Drawing]) -> Drawing:
    """Show the canvas and return what is on it; on a first visit, what `first` returns."""
    if "drawing" not in st.session_state:
        st.session_state.drawing = first()
    state: Drawing = st.session_state.drawing
    state.runs += 1
    if "canvas" not in st.session_state:
        state.show_again()
    shown = {
        "objects": [_object(stroke) for stroke in state.shown],
        "revision": state.revision,
        "background": "#000000",
    }
    with st.container(key="canvas_area"):
        result = _canvas(
            data={
                "initialDrawing": json.dumps(shown),  # See `ui.components.component`.
                "drawingMode": "freedraw",
                "strokeWidth": PEN_WIDTH,
                "strokeColor": "#ffffff",
                "fillColor": "#eee",
                "backgroundColor": shown["background"],
                "backgroundImageURL": None,
                "backgroundImageFit": "stretch",
                "canvasWidth": CANVAS_SIDE,
                "canvasHeight": CANVAS_SIDE,
                "realtimeUpdateStreamlit": True,
            },
            key="canvas",
            default={"drawing": {"raw": shown, "data": None}, "backgroundFit": None},
            on_drawing_change=lambda: None,
            on_backgroundFit_change=lambda: None,
            width="content",
            height="content",
        )
        state.read_report(result.get("drawing"))
        if state.x is not None and state.label is not None:
            _show_test_digit(state.x)
        _keyboard_pen(data={}, key="canvas_keys", on_undo_change=state.undo)
    if state.problem:
        st.warning(state.problem, icon=":material/warning:")
    with st.container(key="undo_clear", horizontal=True):
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=state.undo,
            disabled=not state.strokes,
            width="stretch",
        )
        st.button(
            "Clear",
            icon=":material/delete:",
            on_click=lambda: state.show([]),
            disabled=state.x is None and not state.strokes,
            width="stretch",
        )
    return state


def _show_test_digit(x: Floats) -> None:
    """Lay an image (784,) over the canvas; the page's style lets the pen through and hides it
    once that is down.
    """
    with st.container(key="over_canvas"):
        pictures.show(grid([[x]]), "A test digit on the canvas")
        st.caption("Draw over it", text_alignment="center")
