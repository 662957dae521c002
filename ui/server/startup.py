"""What the server does before it answers: the first visitor does not wait for it."""

import gc
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from vae.data.mnist import first_test_examples

_FIRST_PAGE = (
    "ui.shell.header",
    "ui.draw.drawing_link",
    "ui.draw.answer",
    "ui.draw.examples",
    "ui.draw.stages",
    "ui.components.copy_link",
    "PIL.PngImagePlugin",
    "scipy.ndimage",
)
"""Modules of the first page and of its first drawing."""


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Import what the first page needs and spare it from garbage collection.

    The interval at which threads take turns stays Python's default of 5 ms. With 0.5 ms the slowest
    twentieth of 50 visitors' turns took as long on an idle machine (0.16 s against 0.13 to 0.15 s),
    and 1.2 s instead of 0.3 s on a busy one.
    """
    for name in _FIRST_PAGE:
        import_module(name)
    first_test_examples()
    inspect.stack()  # Streamlit does, once; with this many modules it takes Python 0.1 s at first.
    gc.collect()
    gc.freeze()
    yield
