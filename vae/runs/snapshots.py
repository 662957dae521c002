"""What a model draws at the end of each epoch: always the same, so that one sees it learn."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vae.data.mnist import CLASSES, Examples
from vae.images import grid, to_png
from vae.model.latent import decode_grid
from vae.model.numpy_model import TrainedVAE, softmax

STYLES = 4
"""How many z the ten digits are drawn from."""

SCALE = 2
_FRAME_MS, _LAST_MS = 250, 2000


def frame(model: TrainedVAE, test: Examples) -> bytes:
    """A PNG: the first test image of each digit, how the model redraws it (z = mu), and below
    the ten digits drawn from `STYLES` fixed random z.
    """
    x = test.x[[int((test.y == digit).argmax()) for digit in range(CLASSES)]]
    digit_prob = softmax(model.classify(x))
    mu, _ = model.encode(x, digit_prob)
    z = np.random.default_rng(0).standard_normal((STYLES, model.params.z_dim), np.float32)
    drawn = decode_grid(model, range(CLASSES), z).transpose(1, 0, 2)
    return to_png(grid([x, model.decode(mu, digit_prob), *drawn], scale=SCALE))


def animation(frames: Sequence[bytes]) -> bytes:
    """The frames one after the other as a GIF that goes round."""
    first, *others = (Image.open(io.BytesIO(png)) for png in frames)
    file = io.BytesIO()
    times = [_FRAME_MS] * len(others) + [_LAST_MS]
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0)
    return file.getvalue()
