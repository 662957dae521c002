"""MNIST's images in tiles of a thousand, for a page that shows only some of them."""

import zlib
from functools import cache

from vae.data.mnist import TEST_SIZE, TRAINING_SIZE, Images, test_images, train_images

SIZE = 1000
"""Images in a tile: 0.17 MB compressed."""

TEST_TILES = TEST_SIZE // SIZE
TILES = TEST_TILES + TRAINING_SIZE // SIZE
"""How many there are: first those of the test images, then those of the training images."""

_LEVEL = 1
"""Of the compression: 10 ms a tile; level 6 saves a tenth and takes 25 ms."""


def tile(number: int) -> bytes:
    """The pixels (SIZE, 784) uint8 of tile `number`, 0 to `TILES` - 1, compressed by zlib.

    Raises:
        DataError: if MNIST cannot be read.
    """
    return _test()[number] if number < TEST_TILES else _train()[number - TEST_TILES]


@cache
def _test() -> list[bytes]:
    return _compressed(test_images())


@cache
def _train() -> list[bytes]:
    return _compressed(train_images())


def _compressed(images: Images) -> list[bytes]:
    starts = range(0, len(images.x), SIZE)
    return [zlib.compress(images.x[start : start + SIZE].tobytes(), _LEVEL) for start in starts]
