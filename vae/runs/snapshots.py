"""Snapshots of a model during its training: the same images and z every time, to be compared."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vae.data.mnist import CLASSES, Examples
from vae.images import grid, to_png
from vae.model.latent import decode_grid
from vae.model.numpy_model import TrainedVAE, softmax

STYLES = 4
"""Rows of generated digits, each from one z."""

SCALE = 2
"""Width and height in the picture of an image's pixel."""

_FRAME_MS, _LAST_MS = 250, 2000


def render(model: TrainedVAE, test: Examples) -> bytes:
    """A snapshot as a PNG file of 2 + `STYLES` rows and ten columns, one for each digit.

    Rows from the top: the first test image of the digit, its reconstruction (z = mu), and the
    digit decoded from `STYLES` random z that are always the same.

    Args:
        test: examples among which every digit occurs.
    """
    x = test.x[[int((test.y == digit).argmax()) for digit in range(CLASSES)]]
    digit_prob = softmax(model.classify(x))
    mu, _ = model.encode(x, digit_prob)
    z = np.random.default_rng(0).standard_normal((STYLES, model.params.z_dim), np.float32)
    generated = decode_grid(model, range(CLASSES), z).transpose(1, 0, 2)
    return to_png(grid([x, model.decode(mu, digit_prob), *generated], scale=SCALE))


def animation(frames: Sequence[bytes]) -> bytes:
    """PNG files, at least one, as an endless GIF: a quarter of a second each, the last 2 s."""
    first, *others = (Image.open(io.BytesIO(png)) for png in frames)
    file = io.BytesIO()
    times = [_FRAME_MS] * len(others) + [_LAST_MS]
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0)
    return file.getvalue()
