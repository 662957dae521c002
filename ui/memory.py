"""The server's memory: kept low on Linux, where glibc keeps what has been freed for later use."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt, from malloc.h."""

_LARGE = 2 << 20
"""Bytes of the smallest block that is given back to the system as soon as it is freed."""

_SPARE = 16 << 20
"""Bytes that stay free for what is computed next: to get them anew doubles the decoder's time."""


def keep_low() -> None:
    """Have large blocks given back to the system, and all threads share one heap; call it once.

    Each visitor is sent a model of up to some MB, of which there are several copies for a moment.
    By default each thread takes them from one of several heaps, which grow to what was once
    needed. Where the C library is another one than glibc, nothing is changed.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, _SPARE)
        library.mallopt(_ARENA_MAX, 1)
