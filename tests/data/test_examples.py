"""Images and digits in any form become the same, and what is none is refused in a sentence."""

import numpy as np
import pytest

from vae import train
from vae.data.examples import as_data, as_digits, as_image, as_images
from vae.errors import TrainingError, UsageError

IMAGES = {
    "bytes": lambda x: np.round(255 * x).astype(np.uint8),
    "bytes as Keras gives them": lambda x: np.round(255 * x).astype(np.uint8).reshape(-1, 28, 28),
    "with a channel": lambda x: x.reshape(-1, 28, 28, 1),
    "doubles": lambda x: x.astype(float),
    "lists": lambda x: x.tolist(),
}
DIGITS = {
    "floats": lambda y: y.astype(float),
    "bytes": lambda y: y.astype(np.uint8),
    "a column": lambda y: y[:, None],
    "one-hot": lambda y: np.eye(10)[y],
}


@pytest.mark.parametrize("form", IMAGES.values(), ids=IMAGES)
def test_images_in_any_form(form, mnist):
    x = mnist.test.x[:20]
    found = as_images(form(x))
    assert found.dtype == np.float32 and found == pytest.approx(x, abs=1e-7)
    assert as_image(form(x)[3]) == pytest.approx(x[3], abs=1e-7)


@pytest.mark.parametrize("form", DIGITS.values(), ids=DIGITS)
def test_digits_in_any_form(form, mnist):
    y = mnist.test.y[:20]
    assert as_digits(form(y)).tolist() == y.tolist()


def test_arrays_that_are_right_are_not_copied(mnist):
    assert all(np.shares_memory(a.x, b.x) for a, b in zip(as_data(mnist), mnist, strict=True))
    assert as_images(np.zeros((0, 784))).shape == (0, 784)


GOOD = np.full((3, 784), 0.5)


@pytest.mark.parametrize(
    ("refuse", "sentence"),
    [
        (lambda: as_images(255 * GOOD), "these are 127.5 to 127.5"),
        (lambda: as_images(-GOOD), "from 0 to 1, or uint8"),
        (lambda: as_images(np.nan * GOOD), "some are NaN"),
        (lambda: as_images(GOOD[:, :100]), r"not \(3, 100\)"),
        (lambda: as_images(GOOD[0]), r"must be \(n, 784\)"),
        (lambda: as_images([["a"] * 784]), "array of numbers"),
        (lambda: as_images([[1], [1, 2]]), "array of numbers"),
        (lambda: as_image(GOOD), r"An image must be \(784,\)"),
        (lambda: as_digits([0, 10]), "digits 0 to 9"),
        (lambda: as_digits([-1]), "digits 0 to 9"),
        (lambda: as_digits([0.5]), "digits 0 to 9"),
        (lambda: as_digits(np.full((2, 10), 0.1)), "one-hot"),
        (lambda: as_digits(np.zeros((2, 3))), r"not \(2, 3\)"),
        (lambda: as_data(GOOD), "a training set and a test set"),
        (lambda: as_data((GOOD[0], GOOD[0])), "a pair"),
        (lambda: as_data(((GOOD, [1, 2]), (GOOD, [1, 2, 3]))), "3 images and 2 labels"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(refuse, sentence):
    with pytest.raises(UsageError, match=sentence):
        refuse()


def test_a_training_takes_what_keras_gives(mnist):
    x, y = mnist.train.part(slice(120))
    raw = np.round(255 * x).astype(np.uint8).reshape(-1, 28, 28), y.astype(np.uint8)
    params = {"epochs": 1, "batch_size": 50, "held_out": 20}
    (progress,) = train(params, (raw, raw))
    assert progress.trained and 0 < progress.validation.figures["val_accuracy"] < 1
    nothing = x[:0], y[:0]
    with pytest.raises(TrainingError, match="no examples to validate on"):
        next(train(params | {"held_out": 0}, ((x, y), nothing)))
