"""What the browser fetches for the map: the points of a model, and the test images."""

import gzip
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st

from ui.shared.labels import percent
from vae.analysis import latent_map
from vae.analysis.latent_map import EMBEDDING_SIDE, MapData
from vae.analysis.projection import plane_of, same_digit_share
from vae.data.mnist import SHA256, test_images
from vae.files.tensors import to_bytes
from vae.model.numpy_model import TrainedVAE

IMAGES = f"images/test/{SHA256[:16]}"
"""The address of the test images, below that of the app."""

_EMBEDDING_WIDTH = 100
"""Of the map that an embedding is drawn on."""

_MIXED = (
    (0.25, "Here the digits are mixed"),
    (0.6, "Here the digits are partly mixed"),
    (1.01, "Here images of a digit are mostly near each other"),
)
"""What is said of a share of same digits below these."""


@st.cache_resource(show_spinner=False, max_entries=16)
def points(path: Path, model_id: str, _model: TrainedVAE) -> bytes:
    """The 10,000 test images in the latent space, as a safetensors file: 0.3 MB for 10 dimensions.

    It contains `mu` (n, z_dim), the digits `y` (n,), the plane of
    `vae.analysis.projection.plane_of` as `origin`, `axes` and `shares`, if there is one,
    `embedding` (n, 2), and as metadata `said`, a sentence about the digits.

    Args:
        path: the model's file.
        model_id: another one for other weights.

    Raises:
        DataError: if MNIST cannot be read.
        WeightsError: as `vae.analysis.latent_map.compute_mu`.
    """
    data = latent_map.test_map(path, _model)
    tensors = {
        "mu": data.mu.astype(np.float16),
        "y": data.y.astype(np.float16),
        **plane_of(data.mu)._asdict(),
    }
    if data.embedding is not None:
        tensors["embedding"] = np.float32(data.embedding * (_EMBEDDING_WIDTH / EMBEDDING_SIDE))
    return to_bytes(tensors, {"said": _said(data)})


def _said(data: MapData) -> str:
    """How well z sorts the digits."""
    share = same_digit_share(data.mu, data.y)
    found = next(words for below, words in _MIXED if share < below)
    return (
        f"{found}: the nearest neighbour in z of a test image shows the same digit in "
        f"{percent(share)} of the cases; without any order it would be 10\u00a0%."
    )


@cache
def images() -> bytes:
    """The pixels (10,000, 784) uint8 of the test images, compressed by gzip: 1.6 MB.

    Raises:
        DataError: if MNIST cannot be read.
    """
    return gzip.compress(test_images().x.tobytes(), compresslevel=6)
