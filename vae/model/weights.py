"""A trained model as one file: safetensors, with everything about it inside.

The tensors are float32 tensors named as in `vae.architecture.shapes`. The metadata
holds `format` (always "vae-lab"), `version`, and `params`, `metrics` and `history`
as JSON. Nothing in such a file is ever executed, so one from a stranger is safe to open.
"""

import errno
import json
import math
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from vae import settings
from vae.data.mnist import CLASSES
from vae.errors import ParamsError, WeightsError
from vae.model.architecture import MAX_PARAMETERS, shapes
from vae.model.numpy_model import TrainedVAE
from vae.params import Params
from vae.storage import atomic_write

FORMAT = "vae-lab"
VERSION = 1
SUFFIX = ".safetensors"
MOST_BYTES = 4 * MAX_PARAMETERS + 2_000_000
"""What the largest model takes, and some for its metadata."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_name(name: str) -> str:
    """`name` if it is fit to be a model's name and thus part of a file name.

    Raises:
        WeightsError: otherwise.
    """
    if not NAME.fullmatch(name):
        raise WeightsError(
            "A model's name is 1 to 40 small letters, digits, - or _, "
            f"and starts with a letter or digit; {name[:60]!r} is not."
        )
    return name


def available() -> dict[str, Path]:
    """The models that `load` knows by name, sorted; those that ship come first."""
    found: dict[str, Path] = {}
    for folder in (settings.SHIPPED, settings.MODELS):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            if NAME.fullmatch(path.stem):
                found.setdefault(path.stem, path)
    return found


def save(path: str | os.PathLike[str], model: TrainedVAE) -> None:
    """Write `model` to `path`, whole or not at all: an older file there stays until the end.

    Raises:
        WeightsError: if it cannot be written.
    """
    path = Path(path)
    content = to_safetensors(
        {name: np.ascontiguousarray(array) for name, array in model.tensors.items()},
        metadata={
            "format": FORMAT,
            "version": str(VERSION),
            "params": model.params.to_json(),
            "metrics": json.dumps(model.metrics),
            "history": json.dumps(model.history),
        },
    )
    try:
        atomic_write(path, content)
    except OSError as error:
        raise WeightsError(f"{path} cannot be written: {error.strerror}.") from error


def receive(content: bytes, name: str) -> None:
    """Save the model that a stranger's file holds under that name, once it has been checked.

    Raises:
        WeightsError: as `load`; also if the name is taken or not fit for a model, or the file
            larger than any model can be.
    """
    if check_name(name) in available():
        raise WeightsError(f"There is a model named {name!r} already; choose another name.")
    if len(content) > MOST_BYTES:
        raise WeightsError(f"A model's file has no more than {MOST_BYTES // 10**6} MB.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}{SUFFIX}"
        path.write_bytes(content)
        try:
            model = load(path)
        except WeightsError as error:
            raise WeightsError(str(error).replace(str(path), "The file")) from error
    save(settings.MODELS / f"{name}{SUFFIX}", model)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out now, not after a long training, whether `save` could write to `path`.

    Raises:
        WeightsError: if it could not.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise WeightsError(f"{path} cannot be written: {error.strerror}.") from error


def load(source: str | os.PathLike[str]) -> TrainedVAE:
    """The trained model of that name (see `available`) or in the file at that path.

    Raises:
        WeightsError: if there is none, or the file is damaged, foreign, newer than this
            program or does not fit its own parameters.
    """
    path = available().get(str(source), Path(source))
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise WeightsError(f"There is no model {str(source)!r}.") from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (SafetensorError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} is damaged or is no safetensors file.") from error
    if metadata.get("format") != FORMAT:
        raise WeightsError(f"{path} does not hold a model of this program.")
    if metadata.get("version") != str(VERSION):
        raise WeightsError(
            f"{path} has format version {metadata.get('version')}; this program reads {VERSION}."
        )
    try:
        params = Params.from_json(metadata["params"])
        metrics: dict[str, Any] = json.loads(metadata["metrics"])
        if "ink" in metrics:  # The name of earlier versions.
            metrics["contrast"] = metrics.pop("ink")
        history: list[dict[str, float]] = json.loads(metadata["history"])
        if not _sound(metrics, history):
            raise ValueError
        _check_arrays(path, tensors, params)
    except (KeyError, TypeError, ValueError) as error:
        reason = str(error) if isinstance(error, ParamsError) else "its metadata is incomplete."
        raise WeightsError(f"{path} cannot be used: {reason}") from error
    return TrainedVAE(params, tensors, metrics, history)


def _sound(metrics: Any, history: Any) -> bool:
    """Whether these are figures as `vae.metrics` and a training make them."""
    if not isinstance(metrics, dict) or not isinstance(history, list):
        return False
    figures = dict(metrics)
    confusion = figures.pop("confusion", None)
    tables = [figures, figures.pop("quality", {}), *history]
    return (
        all(map(_numbers, tables))
        and all({"epoch", "loss", "val_loss"} <= entry.keys() for entry in history)
        and (confusion is None or np.asarray(confusion, int).shape == (CLASSES, CLASSES))
    )


def _numbers(table: Any) -> bool:
    return isinstance(table, dict) and all(
        type(figure) in (int, float) and math.isfinite(figure) for figure in table.values()
    )


def _check_arrays(path: Path, tensors: dict[str, Any], params: Params) -> None:
    wanted = shapes(params)
    if odd := sorted(wanted.keys() ^ tensors.keys()):
        problem = "is missing" if odd[0] in wanted else "is one too many"
        raise WeightsError(f"{path} does not fit its own parameters: {odd[0]} {problem}.")
    for name, shape in wanted.items():
        array = tensors[name]
        if array.shape != shape or array.dtype != np.float32:
            raise WeightsError(
                f"{path} does not fit its own parameters: {name} is "
                f"{array.dtype} {array.shape}, not float32 {shape}."
            )
        if not np.isfinite(array).all():
            raise WeightsError(f"{path} is damaged: {name} holds numbers that are not finite.")
