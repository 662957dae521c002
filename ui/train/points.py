"""Where test images lie in z at a moment of a training, for the map of it; see points.js."""

from base64 import b64encode
from contextlib import suppress
from typing import Any

from ui.shared.labels import percent
from vae.data.mnist import test_images
from vae.errors import DataError
from vae.params import Params
from vae.runs.latent_points import COUNT, LatentPoints
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot

_CAPTION = (
    f"μ of the first {COUNT:,} test digits. Circles: 1, 2 and 3 standard deviations of the prior. "
)
_LABELLED = "The decoder gets the digit too, so that z need not hold it."
_UNLABELLED = "The decoder gets z alone, so that z must hold the digit."


def caption(run: Run) -> str:
    """What the map shows."""
    text = _CAPTION + (_LABELLED if run.params.labelled else _UNLABELLED)
    return f"{text} A model that comes with the app has only its last map." if run.ships else text


def message(snapshot: Snapshot, params: Params) -> dict[str, Any]:
    """The points of a moment, the digits of their images, and what their coordinates are.

    Raises:
        VAELabError: if there are none.
    """
    found = snapshot.points()
    text = b64encode(found.points.astype("<i2").tobytes()).decode()
    how = {"scale": found.scale, "about": about(found, params), "digits": digits()}
    return {"points": text, **how}


def about(points: LatentPoints, params: Params) -> str:
    """What the map's two coordinates are."""
    if params.z_dim == 1:
        return "Across: z0, the only dimension."
    if params.z_dim == 2:
        return "Across: z0; up: z1."
    return (
        f"Two directions with {percent(points.share)} of the variance of μ in "
        f"{params.z_dim} dimensions."
    )


def digits() -> str:
    """The labels of the images, a byte each, as base64; empty without MNIST."""
    with suppress(DataError):
        return b64encode(test_images().y[:COUNT].tobytes()).decode()
    return ""
