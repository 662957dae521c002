"""Imports TensorFlow in less time, and without its start-up messages."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_UNUSED = ("pandas", "sklearn")
"""Keras imports these where they are installed, for data that no training here has."""


@contextmanager
def quick_import() -> Iterator[None]:
    """Import TensorFlow inside this: in two thirds of the time, without what is not used of it."""
    absent = [name for name in _UNUSED if name not in sys.modules]
    collects = gc.isenabled()
    gc.disable()  # Hardly anything that is imported becomes garbage.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
        if collects:
            gc.enable()


@contextmanager
def quiet() -> Iterator[None]:
    """Import TensorFlow inside this: its start-up messages go nowhere, later ones only if grave.

    File descriptor 2 itself is redirected, because the libraries write to it before any
    setting of theirs is read. The first operation is part of the start-up.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with quick_import():
            import tensorflow as tf

        tf.constant(0)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
