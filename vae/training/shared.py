"""Arrays as tensors that share their memory."""

from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

from vae.data.mnist import ALIGNMENT


def shared_tensor(array: NDArray[Any]) -> tf.Tensor:
    """The array as a tensor: do not change it as long as that is used.

    Copying the training images takes half a second and 188 MB. Memory that is not aligned is copied
    even so: TensorFlow would end the process.
    """
    usable = array.flags.c_contiguous and array.flags.writeable and array.size
    if usable and array.ctypes.data % ALIGNMENT == 0:
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)
