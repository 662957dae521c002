"""Snapshots of a model during its training: the same images and z every time, to be compared."""

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from sqlalchemy import select

from vae.analysis.latent import decode_grid, samples_of_digits
from vae.animation import animated
from vae.data.mnist import CLASSES, Examples
from vae.database import reading
from vae.database import snapshots as table
from vae.errors import RunError
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE, softmax
from vae.runs.latent_points import LatentPoints

STYLES = 4
"""Rows of generated digits, each from one z."""

SCALE = 2
"""Width and height in the picture of an image's pixel."""

EARLY_STEPS = (10, 30, 100, 300)
"""After so many steps of the first epoch, in which a model changes most, there is a snapshot."""

_FRAME_MS, _LAST_MS = 250, 2000


class Snapshot(NamedTuple):
    """What a model drew at one moment of its training.

    Attributes:
        epoch: how many epochs were finished.
        step: how many steps of the next one were done.
        read: returns the PNG file; empty if it is gone, as of a run just deleted.
        points: returns where test images lie in the latent space; a RunError if nobody knows.
        key: names it among those of its run; another picture has another one.
    """

    epoch: int
    step: int
    read: Callable[[], bytes]
    points: Callable[[], LatentPoints]
    key: str

    @property
    def label(self) -> str:
        """When it was, in words: "after epoch 3"."""
        if self.step and not self.epoch:
            return f"after {self.step} steps"
        if self.step:
            return f"in epoch {self.epoch + 1}, step {self.step}"
        return f"after epoch {self.epoch}" if self.epoch else "before training"


def of_run(number: int, paused: bool = False) -> list[Snapshot]:
    """The snapshots of the run of that number in the order of the training, or those of a pause."""
    which = select(table.c.id, table.c.epoch, table.c.step).where(
        table.c.run == number, table.c.paused if paused else ~table.c.paused
    )
    with reading() as connection:
        found = [*connection.execute(which.order_by(table.c.epoch, table.c.step))]
    return [
        Snapshot(epoch, step, partial(_png, key), partial(_points, key), str(key))
        for key, epoch, step in found
    ]


def _png(snapshot: int) -> bytes:
    with reading() as connection:
        return connection.scalar(select(table.c.png).where(table.c.id == snapshot)) or b""


def _points(snapshot: int) -> LatentPoints:
    columns = select(table.c.points, table.c.scale, table.c.share)
    with reading() as connection:
        row = connection.execute(columns.where(table.c.id == snapshot)).one_or_none()
    if not row or not row.points:
        raise RunError("The points of this moment were not saved.")
    points = np.frombuffer(row.points, np.int16).reshape(-1, 2)
    return LatentPoints(points, row.scale, row.share)


def newest_points(moments: Sequence[Snapshot]) -> LatentPoints | None:
    """The points of the last of these moments that has any."""
    for snapshot in reversed(moments):
        with suppress(RunError):
            return snapshot.points()
    return None


def columns_of(png: bytes, points: LatentPoints | None) -> dict[str, Any]:
    """A snapshot as columns of the table, without its moment; without points if there are none."""
    if points is None:
        return {"png": png}
    return {"png": png, **points._asdict(), "points": points.points.tobytes()}


def render(model: TrainedVAE, test: Examples) -> bytes:
    """A snapshot as a PNG file of 2 + `STYLES` rows and ten columns, one for each digit.

    Rows from the top: the first test image of the digit, its reconstruction (z = mu), and the
    digit decoded from `STYLES` random z that are always the same; without labels, each image from
    a random z of its own.

    Args:
        test: examples among which every digit occurs.
    """
    x = test.x[[int((test.y == digit).argmax()) for digit in range(CLASSES)]]
    digit_prob = softmax(model.classify(x))
    mu, _ = model.encode(x, digit_prob)
    z = samples_of_digits(model, CLASSES, np.zeros(model.params.z_dim), STYLES, 1.0, seed=0)
    generated = decode_grid(model, range(CLASSES), z).transpose(1, 0, 2)
    return to_png(grid([x, model.decode(mu, digit_prob), *generated], scale=SCALE))


def animation(frames: Sequence[bytes]) -> bytes:
    """PNG files as an endless GIF: a quarter of a second each, the last 2 s.

    Args:
        frames: the files; empty ones are skipped (see `Snapshot.read`).

    Raises:
        RunError: if all are empty.
    """
    pictures = [Image.open(io.BytesIO(png)) for png in frames if png]
    if not pictures:
        raise RunError("None of the pictures can be read.")
    times = [_FRAME_MS] * (len(pictures) - 1) + [_LAST_MS]
    return animated(pictures, times, "GIF")
