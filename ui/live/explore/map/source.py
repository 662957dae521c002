"""What the map asks the server for: the points of a model, and tiles of MNIST's images.

A message to the browser is a part of the data, as bytes: the length of a header as four bytes,
the header as JSON, then the numbers. The browser keeps the parts as long as the page is not
loaded anew (store.js). Whatever it asks for is answered: by the part, by {"error": a sentence}, by
{"later": seconds that it has been computed so far}, or by {"gone": true} if there is no such part
of the model that the page shows now.
"""

import json
import struct
import time
from typing import Any

import numpy as np
import streamlit as st

from ui.labels import percent
from ui.live import component, triggered
from ui.live.explore.map.training import TrainingMaps
from vae.data import tiles
from vae.data.mnist import TRAINING_SIZE, first_test_examples
from vae.errors import VAELabError
from vae.model import latent_map
from vae.model.latent_map import MapData
from vae.model.numpy_model import TrainedVAE
from vae.model.projection import plane_of, same_digit_share

_source = component("explore/map/source")
_KEY, _WANTED, _SENT = "map_source", "map_wanted", "map_sent"
_KEPT = 4
"""Models whose points the browser keeps: KEPT in store.js."""

_LONGEST_KEY = 200

_FEW = 64
_MIXED = (
    (0.25, "Here the digits are mixed"),
    (0.6, "Here the digits are partly mixed"),
    (1.01, "Here images of a digit are mostly near each other"),
)
"""What is said of a share of same digits below these."""


@st.fragment
def mount(name: str, model_id: str, model: TrainedVAE) -> None:
    """Show the element, which has no looks, beside the map; it sends what the map asks for.

    Args:
        name: of the model, or the path of its file.
        model_id: the id by which the browser has the model.
        model: the model.
    """
    # In the first run with a model the browser has no points of it; what it asks for while that run
    # goes on is lost.
    sent = st.session_state.setdefault(_SENT, [])
    wanted = st.session_state.pop(_WANTED, None)
    if model_id not in sent:
        wanted = f"test|{model_id}"
        sent[:] = [model_id, *sent][:_KEPT]
    asked = isinstance(wanted, str) and len(wanted) <= _LONGEST_KEY
    _source(
        data=_answer(wanted, name, model_id, model) if asked else {"model": model_id},
        key=_KEY,
        height="content",
        on_want_change=_note_wanted,
    )


def _note_wanted() -> None:
    st.session_state[_WANTED] = triggered(_KEY, "want")


def _answer(wanted: str, name: str, model_id: str, model: TrainedVAE) -> bytes:
    """The answer to that key, for the page of this model."""
    kind, _, of = wanted.partition("|")
    try:
        if kind == "tile":
            if of.isdecimal() and len(of) < 4 and int(of) < tiles.TILES:
                return message({"key": wanted}, tiles.tile(int(of)))
        elif of != model_id:
            pass
        elif kind == "test":
            return _points_message(wanted, test_points(name, model_id, model))
        elif kind == "train":
            found = _training_maps().ask(model_id, model)
            if isinstance(found, float):
                return message({"key": wanted, "later": found})
            return _points_message(wanted, found)
        elif kind == "facts":
            said = share_said(name, model_id, model)
            seconds = _train_seconds(model_id, model)
            return message({"key": wanted, "said": said, "trainSeconds": seconds})
    except VAELabError as error:
        return message({"key": wanted, "error": str(error)})
    return message({"key": wanted, "gone": True})


@st.cache_resource(show_spinner=False, max_entries=8)
def test_points(name: str, model_id: str, _model: TrainedVAE) -> MapData:
    """`vae.model.latent_map.test_map`, kept."""
    return latent_map.test_map(name, _model)


@st.cache_resource(show_spinner=False)
def _training_maps() -> TrainingMaps:
    """One for all visitors."""
    return TrainingMaps()


@st.cache_data(show_spinner=False, max_entries=64)
def share_said(name: str, model_id: str, _model: TrainedVAE) -> str:
    """How far this model's z sorts the digits, in a sentence."""
    points = test_points(name, model_id, _model)
    share = same_digit_share(points.mu, points.y)
    found = next(words for below, words in _MIXED if share < below)
    return (
        f"{found}: the nearest neighbour in z of a test image shows the same digit in "
        f"{percent(share)} of the cases; without any order it would be 10\u00a0%."
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _train_seconds(model_id: str, _model: TrainedVAE) -> int:
    """How long this server needs for the map of all images, by a few test images."""
    few = first_test_examples().x[:_FEW]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        _model.encode(few)
        times.append(time.perf_counter() - start)
    return max(1, round(min(times) / _FEW * TRAINING_SIZE))


def _points_message(key: str, points: MapData) -> bytes:
    header: dict[str, Any] = {
        "key": key,
        "count": len(points.mu),
        "zDim": points.mu.shape[1],
        "embedded": points.embedding is not None,
    }
    if key.startswith("test|"):
        plane = plane_of(points.mu)
        header |= {name: values.tolist() for name, values in plane._asdict().items()}
    arrays = [points.mu.astype("<f2")]
    if points.embedding is not None:
        arrays.append(points.embedding.astype("<u2"))
    arrays.append(points.y.astype(np.uint8))
    return message(header, b"".join(array.tobytes() for array in arrays))


def message(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A part for the browser."""
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + body
