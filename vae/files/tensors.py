"""Arrays and texts by name in a safetensors file. Nothing in such a file is ever executed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

Arrays = dict[str, NDArray[Any]]

_DAMAGE = (SafetensorError, ArithmeticError, AttributeError, LookupError, MemoryError, TypeError)
"""What safetensors and NumPy raise for a damaged or forged file, besides ValueError."""


def to_bytes(arrays: Mapping[str, NDArray[Any]], texts: dict[str, str]) -> bytes:
    """The content of a file.

    `safetensors.numpy.save` itself writes an array that is not in C order wrongly, without an
    error: it copies the memory.
    """
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()}, texts)


def read(path: Path) -> tuple[Arrays, dict[str, str]]:
    """The arrays and the texts of a file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is damaged, or an array is of a type that NumPy does not have.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, file.metadata() or {}
    except _DAMAGE as error:
        raise ValueError(f"{path} is damaged or is no safetensors file.") from error


def read_texts(path: Path) -> dict[str, str]:
    """Only the texts of a file; none if it cannot be read."""
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (OSError, ValueError, *_DAMAGE):
        return {}
