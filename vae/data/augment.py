"""Random affine transformations of images, in TensorFlow, for the classifier's training."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from vae.data.mnist import PIXELS, SIDE

MAX_ANGLE = 0.14
"""Radians, 8°. This and the limits below are those at a strength of 1."""

MAX_SHEAR = 0.1
"""Pixels to the side for each pixel of height."""

MAX_SHIFT = 1.5
"""Pixels."""

MAX_SCALE = 0.08
"""Share of the size, larger or smaller, of width and height separately."""


def random_affine(x: tf.Tensor, uniform: Callable[[Any], tf.Tensor], strength: float) -> tf.Tensor:
    """Each image rotated, scaled, sheared and shifted at random: (n, 784) → (n, 784).

    Args:
        x: images, rows of 28 × 28 pixels.
        uniform: shape → random numbers in [0, 1) of that shape.
        strength: multiplies the limits above.
    """
    n = tf.shape(x)[0]
    u = strength * (2 * uniform((7, n)) - 1)
    angle, shear = u[0] * MAX_ANGLE, u[1] * MAX_SHEAR
    dx, dy = u[2] * MAX_SHIFT, u[3] * MAX_SHIFT
    x_scale, y_scale = 1 + u[4] * MAX_SCALE, 1 + u[5] * MAX_SCALE
    cos, sin = tf.cos(angle), tf.sin(angle)
    a, b = x_scale * cos, x_scale * (shear * cos - sin)
    c, d = y_scale * sin, y_scale * (shear * sin + cos)
    # Rotate about the middle of the image, not about its corner.
    middle = (SIDE - 1) / 2
    dx += middle * (1 - a - b)
    dy += middle * (1 - c - d)
    zero = tf.zeros_like(a)
    matrix = tf.stack([a, b, dx, c, d, dy, zero, zero], 1)
    images = tf.reshape(x, (-1, SIDE, SIDE, 1))
    return tf.reshape(keras.ops.image.affine_transform(images, matrix), (-1, PIXELS))
