import shutil
import zipfile

import numpy as np
import pytest

from vae import settings
from vae.data.mnist import first_test_examples, load_mnist
from vae.data.mnist import test_images as read_test_images
from vae.errors import DataError


def test_shapes_and_types_of_the_report(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert (x_train.shape, x_test.shape) == ((60000, 784), (10000, 784))
    assert (y_train.shape, y_test.shape) == ((60000,), (10000,))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int32
    assert (x_train.min(), x_train.max()) == (0, 1)


def test_it_is_mnist(mnist):
    # The digit counts of the training set and the mean pixel, as published.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train.y).tolist() == counts
    assert abs(mnist.train.x.mean() - 0.1307) < 1e-4


def test_a_damaged_copy_is_refused(tmp_path, monkeypatch):
    copy = tmp_path / "mnist.npz"
    shutil.copy(settings.MNIST, copy)
    monkeypatch.setattr(settings, "MNIST", copy)
    cached = read_test_images, first_test_examples
    readers = [load_mnist, *(read.__wrapped__ for read in cached)]
    with zipfile.ZipFile(copy) as parts:
        inside = [part.header_offset + part.compress_size // 2 for part in parts.infolist()]
    for at in inside:
        whole = copy.read_bytes()
        damaged = bytearray(whole)
        damaged[at : at + 3] = bytes(255 - byte for byte in damaged[at : at + 3])
        copy.write_bytes(damaged)
        for read in readers:
            with pytest.raises(DataError, match="SHA-256"):
                read()
        copy.write_bytes(whole)
    copy.unlink()
    for read in readers:
        with pytest.raises(DataError, match="cannot be read: No such file"):
            read()
