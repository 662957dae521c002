"""Convolutions in NumPy, with the shapes, kernels and padding ("same") of TensorFlow's.

All images are (n, h, w, channels) float32.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vae.data.mnist import Floats


def conv(x: Floats, kernel: Floats, stride: int) -> Floats:
    """A convolution: (n, h, w, inputs) → (n, ⌈h/stride⌉, ⌈w/stride⌉, filters).

    Args:
        kernel: (size, size, inputs, filters).
    """
    n, h, w, _ = x.shape
    size, _, inputs, filters = kernel.shape
    (top, bottom), (left, right) = (_padding(side, size, stride) for side in (h, w))
    if filters < inputs and stride == 1:
        # Adding each pixel to its neighbours moves less memory than gathering the neighbours of
        # each pixel if there are fewer filters than inputs.
        spread = x.reshape(-1, inputs) @ kernel.transpose(2, 0, 1, 3).reshape(inputs, -1)
        spread = spread.reshape(n, h, w, size, size, filters)
        out = np.zeros((n, h + size - 1, w + size - 1, filters), np.float32)
        for i in range(size):
            for j in range(size):
                out[:, bottom + top - i :, right + left - j :][:, :h, :w] += spread[:, :, :, i, j]
        return out[:, bottom : bottom + h, right : right + w]
    windows = patches(x, size, stride)
    rows = windows.reshape(-1, size * size * inputs)
    return (rows @ kernel.reshape(-1, filters)).reshape(*windows.shape[:3], filters)


def patches(x: Floats, size: int, stride: int) -> Floats:
    """What a convolution multiplies with its kernel at each place: (n, h, w, c) →
    (n, ⌈h/stride⌉, ⌈w/stride⌉, size, size, c).
    """
    rows, columns = (_padding(side, size, stride) for side in x.shape[1:3])
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)))
    windows = sliding_window_view(padded, (size, size), (1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3)


def transposed_conv(x: Floats, kernel: Floats, stride: int) -> Floats:
    """A transposed convolution: (n, h, w, inputs) → (n, h·stride, w·stride, filters).

    Args:
        kernel: (size, size, filters, inputs).
    """
    n, h, w, inputs = x.shape
    size, _, filters, _ = kernel.shape
    spread = x.reshape(-1, inputs) @ kernel.transpose(3, 0, 1, 2).reshape(inputs, -1)
    spread = spread.reshape(n, h, w, size, size, filters)
    tall, wide = ((side - 1) * stride + size for side in (h, w))
    out = np.zeros((n, tall, wide, filters), np.float32)
    for i in range(size):
        for j in range(size):
            out[:, i : i + h * stride : stride, j : j + w * stride : stride] += spread[
                :, :, :, i, j
            ]
    top, left = (_padding(side * stride, size, stride)[0] for side in (h, w))
    return out[:, top : top + h * stride, left : left + w * stride]


def max_pool(x: Floats) -> Floats:
    """The largest of each 2 × 2 pixels: (n, h, w, c) → (n, ⌊h/2⌋, ⌊w/2⌋, c)."""
    h, w = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    x = np.maximum(x[:, :h:2], x[:, 1:h:2])
    return np.maximum(x[:, :, :w:2], x[:, :, 1:w:2])


def _padding(side: int, size: int, stride: int) -> tuple[int, int]:
    total = max((-(-side // stride) - 1) * stride + size - side, 0)
    return total // 2, total - total // 2
