"""The canvas: a drawing that survives a page switch, with Undo and Clear that work by touch."""

import base64
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from ui import pictures
from ui.live.draw import keys
from ui.live.model import loader
from vae.data.mnist import Floats
from vae.data.preprocess import preprocess
from vae.data.strokes import CANVAS_SIDE, PEN_WIDTH, Stroke
from vae.errors import EmptyDrawingError
from vae.images import DAMAGED_PNG, grid

_MAX_SIDE = 4 * CANVAS_SIDE
"""Pixels a side of the largest picture that is decoded: screens report up to four per pixel."""

_TOO_LARGE = "This drawing is larger than the canvas, so it was not read."
_UNREADABLE = "This drawing could not be read."

_STYLE = distribution("streamlit-drawable-canvas").locate_file(
    "streamlit_drawable_canvas/frontend/build/index-style.css"
)

# The component of the package, registered without the package's own `st_canvas`. That cannot hide
# the toolbar, whose "Edit" stops all drawing and whose other buttons repeat ours, and it decodes
# whatever picture a browser sends, however large.
_canvas = st.components.v2.component(
    "streamlit-drawable-canvas.streamlit_drawable_canvas",
    js="index-*.js",
    css=Path(str(_STYLE)).read_text(encoding="utf-8")
    + (Path(__file__).parent / "canvas.css").read_text(encoding="utf-8"),
    html='<div class="canvas-root"></div>',
    isolate_styles=True,
)


@dataclass
class Drawing:
    """What a visitor has drawn.

    Attributes:
        strokes: the canvas' own objects, one a stroke.
        x: the drawing as an image of MNIST's kind, (784,), or None if there is none.
        objection: why it cannot be one digit, in a sentence, or None.
        problem: why the last report of the canvas was ignored, in a sentence, or "".
        shown: the strokes that the canvas was last given to show. It redraws itself, and so
            forgets what was drawn since, whenever this or `revision` changes.
        url: the picture that the canvas reported last, to recognise a repetition.
        label: the digit that `x` shows if it is an example of the test set, which has no strokes;
            else None.
        index: the number of that example.
        linked: whether a link has put it here, and nothing has been drawn since.
        z: the id of a model and the z that a link asks for with this drawing.
        packed: strokes, and what `ui.drawing_link` has made of them: the parameter of a link or
            None, and why it is None, in a sentence, or "".
        placed: how often something else than the pen has changed `x`, or put it on the page.
        runs: how often the page has asked for it.
    """

    strokes: list[dict[str, Any]] = field(default_factory=list)
    x: Floats | None = None
    objection: str | None = None
    problem: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0
    url: str = ""
    label: int | None = None
    index: int | None = None
    linked: bool = False
    z: tuple[str, list[float]] | None = None
    packed: tuple[list[dict[str, Any]], str | None, str] | None = None
    placed: int = 0
    runs: int = 0
    _awaited: bool = False

    def show(self, strokes: list[dict[str, Any]]) -> None:
        """Have the canvas show these strokes."""
        self.strokes = self.shown = strokes
        self.revision += 1
        self._leave_link()
        self._awaited = bool(strokes)
        if not strokes:
            self.x, self.objection, self.problem = None, None, ""
            self.placed += 1

    def undo(self) -> None:
        """Take back the last stroke, if there is one."""
        if self.strokes:
            self.show(self.strokes[:-1])

    def show_test_digit(self, x: Floats, label: int, index: int) -> None:
        """Show an image (784,) of the test set, whose number is `index`, on an empty canvas."""
        self.show([])
        self.x, self.label, self.index = x, label, index

    def show_again(self) -> None:
        """Have a canvas that has just been put on the page show what was drawn on another."""
        self.shown = self.strokes
        self.revision += 1
        self.placed += 1

    def take(self, report: Any) -> None:
        """Take over what the canvas reports. A forged report changes nothing but `problem`."""
        if not isinstance(report, dict) or not isinstance(report.get("data"), str):
            return
        if report["data"] == self.url:
            return
        self.url = report["data"]
        strokes = _strokes(report.get("raw"))
        if strokes is None:
            self.problem = _UNREADABLE
            return
        if self.label is not None and not strokes:
            return  # It was emptied for the example.
        image, self.problem = _decoded(self.url)
        if image is None:
            return
        self.strokes = strokes
        if self._awaited:
            self._awaited = False
            self.placed += 1
        else:
            self._leave_link()
        try:
            self.x, self.objection = preprocess(image)
        except EmptyDrawingError:
            self.x = self.objection = None

    def _leave_link(self) -> None:
        self.label = self.index = self.z = None
        self.linked = False


def objects(strokes: Iterable[Stroke]) -> list[dict[str, Any]]:
    """Strokes as the canvas' own objects."""
    return [
        {
            "type": "Path",
            "path": _path(stroke),
            "stroke": "#ffffff",
            "strokeWidth": PEN_WIDTH,
            "strokeLineCap": "round",
            "strokeLineJoin": "round",
            "fill": None,
        }
        for stroke in strokes
    ]


def _path(stroke: Stroke) -> list[list[Any]]:
    first, *others = points = stroke.points
    if not stroke.smooth:
        return [["M", *first], *(["L", *point] for point in others or points)]
    # As Fabric's brush draws through the points of the pen: see `vae.data.strokes.rasterize`.
    parabolas = [["Q", x, y, (x + x2) / 2, (y + y2) / 2] for (x, y), (x2, y2) in pairwise(points)]
    return [["M", *first], *parabolas, ["L", *points[-1]]]


def drawing(first: Callable[[], Drawing]) -> Drawing:
    """Show the canvas and return what is on it; on a first visit, what `first` returns."""
    if "drawing" not in st.session_state:
        st.session_state.drawing = first()
    state: Drawing = st.session_state.drawing
    state.runs += 1
    if "canvas" not in st.session_state:
        state.show_again()
    shown = {"objects": state.shown, "revision": state.revision, "background": "#000000"}
    with st.container(key="canvas_area"):
        result = _canvas(
            data={
                "initialDrawing": shown,
                "drawingMode": "freedraw",
                "strokeWidth": PEN_WIDTH,
                "strokeColor": "#ffffff",
                "fillColor": "#eee",
                "backgroundColor": shown["background"],
                "backgroundImageURL": None,
                "backgroundImageFit": "stretch",
                "canvasWidth": CANVAS_SIDE,
                "canvasHeight": CANVAS_SIDE,
                "maxDisplayHeight": None,
                "realtimeUpdateStreamlit": True,
                "returnImageData": True,
                "disabled": False,
                "displayRadius": 3,
                "fontSize": 20,
                "label": "",
            },
            key="canvas",
            default={"drawing": {"raw": shown, "data": None}, "backgroundFit": None},
            on_drawing_change=lambda: None,
            on_backgroundFit_change=lambda: None,
            width="content",
            height="content",
        )
        state.take(result.get("drawing"))
        if state.x is not None and state.label is not None:
            _show_test_digit(state.x)
        if loader.works():
            keys.show(state.undo)
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
        st.caption("Draw over it")


def _strokes(raw: Any) -> list[dict[str, Any]] | None:
    """The strokes of a report; None if they cannot be sent back, as those with NaN, or are none."""
    strokes = raw.get("objects") if isinstance(raw, dict) else None
    if not isinstance(strokes, list) or not all(isinstance(s, dict) for s in strokes):
        return None
    try:
        json.dumps(strokes, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return strokes


def _decoded(url: str) -> tuple[NDArray[np.uint8] | None, str]:
    """The picture of a data URL as RGBA, or None and why not: its size is checked before."""
    try:
        png = base64.b64decode(url.partition(";base64,")[2], validate=True)
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if max(image.size) > _MAX_SIDE:
                return None, _TOO_LARGE
            return np.asarray(image.convert("RGBA")), ""
    except Image.DecompressionBombError:
        return None, _TOO_LARGE
    except DAMAGED_PNG:
        return None, _UNREADABLE
