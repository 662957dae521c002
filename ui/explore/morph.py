"""A view of the Explore page: the way from one digit to another, as a strip and an animation."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from ui.components import component
from ui.explore import VIEW_HTML, places
from ui.explore.places import Place
from ui.shared import address
from vae.analysis.latent import interpolate
from vae.animation import Format, animated
from vae.data.mnist import Floats
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE

COLUMNS = 11
"""Digits in the strip."""

STEPS = 25
"""Frames of the animation from one end to the other."""

GO_MS, REST_MS = 2000, 500
"""How long the animation goes, and rests at each end."""

_live = component("explore/morph", VIEW_HTML)
_Z, _LABEL, _BOTH = "z", "Label", "Both"
_SPHERICAL = "Spherical"

_FILES: Sequence[tuple[str, str, Format]] = [
    ("GIF", "morph.gif", "GIF"),
    ("WebP", "morph.webp", "WEBP"),
    ("APNG", "morph-animated.png", "PNG"),
]
_SCALE = 8


class Way(NamedTuple):
    """A way through the latent space.

    Attributes:
        start, end: where it begins and ends.
        spherical: whether it is an arc.
    """

    start: Place
    end: Place
    spherical: bool


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    controls = st.container(key="morph_controls")
    left, right = controls.columns(2)
    with left:
        start = places.choose(places.row("start"), "start", model, "From")
    with right:
        end = places.choose(places.row("end"), "end", model, "To")
    with controls:
        row = places.row("way")
    along = _BOTH  # Without labels that is along z.
    if model.labelled:
        along = address.segmented(
            *(row, "along", "Along", model),
            help="z: the style changes, the digit stays. Label: the digit changes, the style "
            "stays; in between the decoder is given some of both digits.",
        )
    path = address.segmented(
        *(row, "path", "Path", model),
        help="Linear: the straight line. Spherical: an arc around 0, which keeps the distance "
        "from 0 that samples of the prior have; on a straight line z comes nearer to the mean.",
    )
    way = Way(*_ends(start, end, along), path == _SPHERICAL)
    at = None
    if places.belongs_to("at", [start.z.tolist(), end.z.tolist(), along, path]):
        at = address.value("at", model)
    st.caption(_explanation(model))
    _live(
        data={
            "model": model_id,
            "columns": COLUMNS,
            "start": _data(way.start, start.title),
            "end": _data(way.end, _end_title(start, end, along)),
            "spherical": way.spherical,
            "go": GO_MS,
            "rest": REST_MS,
            "at": at,
        },
        key="live_morph",
        height="content",
    )
    _downloads(places.row("downloads"), model, way)


def images(model: TrainedVAE, way: Way, at: Floats) -> Floats:
    """The digits at these shares of a way, 0 its start and 1 its end: (n,) → (n, 784)."""
    z = interpolate(way.start.z, way.end.z, at, way.spherical)
    prob = (1 - at[:, None]) * way.start.digit_prob + at[:, None] * way.end.digit_prob
    return model.decode(z, prob)


def strip(model: TrainedVAE, way: Way) -> Floats:
    """The digits of the strip: (`COLUMNS`, 784) in [0, 1]."""
    return images(model, way, np.linspace(0, 1, COLUMNS, dtype=np.float32))


def animation(model: TrainedVAE, way: Way, file_format: Format) -> bytes:
    """The way there and back as an animated file."""
    digits = images(model, way, np.linspace(0, 1, STEPS, dtype=np.float32))
    frames = [Image.fromarray(grid([[digit]], scale=_SCALE)) for digit in digits]
    times = [GO_MS // (STEPS - 1)] * STEPS
    times[0] = times[-1] = REST_MS
    return animated(frames + frames[-2:0:-1], times + times[-2:0:-1], file_format)


def _ends(start: Place, end: Place, along: str) -> tuple[Place, Place]:
    if along == _Z:
        return start, end._replace(digit_prob=start.digit_prob)
    if along == _LABEL:
        return start, end._replace(z=start.z)
    return start, end


def _end_title(start: Place, end: Place, along: str) -> str:
    if along == _LABEL:
        return f"The same z as a {end.digit_prob.argmax()}"
    if along == _Z:
        return f"The z of {end.title[0].lower()}{end.title[1:]}, as a {start.digit_prob.argmax()}"
    return end.title


def _data(place: Place, title: str) -> dict[str, object]:
    return {"z": place.z.tolist(), "prob": place.digit_prob.tolist(), "title": title}


def _downloads(row: DeltaGenerator, model: TrainedVAE, way: Way) -> None:
    row.download_button(
        "PNG strip",
        lambda: to_png(grid([strip(model, way)], scale=4, gap=8)),
        file_name="morph.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
    for name, file_name, file_format in _FILES:
        row.download_button(
            name,
            partial(animation, model, way, file_format),
            file_name=file_name,
            mime=f"image/{file_format.lower()}",
            icon=":material/download:",
            on_click="ignore",
        )


def _explanation(model: TrainedVAE) -> str:
    noticed = (
        "In the cross-fade one picture fades and the other appears. In what the decoder draws, "
        "strokes move and bend. "
    )
    if not model.labelled:
        noticed += "On the way it can pass through other digits. "
    return noticed + "**Drag along the strip**, or play."
