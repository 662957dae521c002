"""A trained model as one file: safetensors, with everything about it inside.

The tensors are float32, or float16 to halve the file; `load` makes all of them float32. They are
named as in `vae.model.architecture.shapes`; `digit_gaussian.mean` and `digit_gaussian.root` are
there if they were fitted (see `DigitGaussians`). The metadata holds `format` (always "vae-lab"),
`version`, `run` (the id of the run that wrote the file, if one did), and `params`, `metrics`,
`history` and, if a knob has a name, `knob_names` as JSON. Nothing in such a file is ever executed,
and `load` checks every number in it, so a file from a stranger is safe to open.
"""

import errno
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from vae.analysis.latent import MAX_Z, REACH, decode_grid, digits_own
from vae.data.mnist import CLASSES, PIXELS, Floats
from vae.errors import ParamsError, WeightsError
from vae.files import knobs
from vae.files.metadata import check_history, check_metrics
from vae.model.architecture import MAX_PARAMETERS, shapes
from vae.model.layers import Shapes
from vae.model.numpy_model import DigitGaussians, TrainedVAE
from vae.params import Params
from vae.storage import atomic_write

FORMAT = "vae-lab"
VERSION = 1
SUFFIX = ".safetensors"

MAX_BYTES = 4 * MAX_PARAMETERS + 2_000_000
"""Size of a file with the largest model and 2 MB of metadata."""

MAX_WEIGHT = 1e6
"""Largest magnitude of a weight. Adam moves one by at most 3.2 times the learning rate in a step
(Kingma & Ba 2015, section 2.1): 0.1 in at most 3 million steps, so that no training gets there.
"""

MAX_MEAN, MAX_VARIANCE = 1e18, 1e36
"""Largest moving averages of batch normalisation: of sums of at most 1,152 products of a weight
and an activation, which is below 1e9 after a batch normalisation.
"""

_MEAN, _ROOT = "digit_gaussian.mean", "digit_gaussian.root"

_DAMAGE = (
    SafetensorError,
    ArithmeticError,
    AttributeError,  # A data type that NumPy does not have.
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What safetensors, NumPy and json raise for a damaged or forged file."""


def save(
    path: str | os.PathLike[str], model: TrainedVAE, run_id: str = "", half: bool = False
) -> None:
    """Write `model` to `path` in one step: until then an older file there stays as it was.

    A missing folder is made, unless the file is a run's: the folder of a deleted run must not
    come back.

    Args:
        path: of the file; its name should end in `SUFFIX`.
        model: what to save.
        run_id: of the run that trained it, if one did (see `read_run_id`).
        half: whether the tensors are rounded to float16, which halves the file.

    Raises:
        WeightsError: if it cannot be written.
    """
    path = Path(path)
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "params": model.params.to_json(),
        "metrics": json.dumps(model.metrics),
        "history": json.dumps(model.history),
    }
    tensors = {**model.tensors}
    if model.digit_gaussians:
        tensors |= {_MEAN: model.digit_gaussians.mean, _ROOT: model.digit_gaussians.root}
    if model.knob_names:
        metadata["knob_names"] = json.dumps(model.knob_names)
    if run_id:
        metadata["run"] = run_id
    try:
        if not run_id:
            path.parent.mkdir(parents=True, exist_ok=True)
        dtype = np.float16 if half else np.float32
        atomic_write(path, _packed({k: cast(v, dtype) for k, v in tensors.items()}, metadata))
    except OSError as error:
        raise WeightsError(f"{path} cannot be written: {error.strerror}.") from error


def content_with(
    path: str | os.PathLike[str],
    knob_names: Mapping[int, str] | None = None,
    digit_gaussians: DigitGaussians | None = None,
) -> bytes:
    """The content of the file at `path` with these in the place of its own, if they are given.

    All else stays bit for bit, also what a newer program may have added.

    Raises:
        WeightsError: as `load`; also if the names are not fit.
    """
    z_dim = load(path).params.z_dim
    metadata, tensors = _read(Path(path))
    if knob_names is not None:
        knobs.check_names({str(i): name for i, name in knob_names.items()}, z_dim)
        metadata.pop("knob_names", None)
        if knob_names:
            metadata["knob_names"] = json.dumps(knob_names)
    if digit_gaussians:
        tensors |= {_MEAN: digit_gaussians.mean, _ROOT: digit_gaussians.root}
    return _packed(tensors, metadata)


def cast(tensor: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """The tensor as `dtype`, or as it is if a number is too large for that."""
    with np.errstate(over="ignore"):
        cast = tensor.astype(dtype)
    return cast if np.isfinite(cast).all() else tensor


def _packed(tensors: Mapping[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    return to_safetensors({k: np.ascontiguousarray(v) for k, v in tensors.items()}, metadata)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before a long training whether `save` could write to `path`; makes its folder.

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


def load(path: str | os.PathLike[str]) -> TrainedVAE:
    """The trained model in the file at `path`.

    Metrics that this program does not know are left out.

    Raises:
        WeightsError: if there is no such file, or it is damaged, foreign, newer than this
            program, does not fit its own parameters, or holds a number that is out of bounds.
    """
    path = Path(path)
    metadata, tensors = _read(path)
    if metadata.get("format") != FORMAT:
        raise WeightsError(f"{path} does not hold a model of this program.")
    if metadata.get("version") != str(VERSION):
        raise WeightsError(
            f"{path} has format version {metadata.get('version', '')[:20]!r}; "
            f"this program reads '{VERSION}'."
        )
    try:
        params = Params.from_json(metadata["params"])
        metrics = check_metrics(json.loads(metadata["metrics"]))
        history = check_history(json.loads(metadata["history"]))
        names = knobs.check_names(json.loads(metadata.get("knob_names", "{}")), params.z_dim)
        gaussians = _gaussians(tensors, params)
        checked = _checked(tensors, shapes(params))
        return TrainedVAE(params, checked, metrics, history, gaussians, names)
    except (ParamsError, WeightsError) as error:
        raise WeightsError(f"{path} cannot be used: {error}") from error
    except _DAMAGE as error:
        raise WeightsError(f"{path} cannot be used: its metadata is incomplete.") from error


def check_usable(model: TrainedVAE) -> None:
    """Try the model: one prediction, and ten digits each from z = 0 and from z = ±`REACH`.

    If there are Gaussians of the digits, from these z in units of each of them, too.

    Weights within their bounds can still overflow when they are combined.

    Raises:
        WeightsError: if a result is not finite.
    """
    z = np.outer([0, REACH, -REACH], np.ones(model.params.z_dim)).astype(np.float32)
    with np.errstate(all="ignore"):
        prediction = model.predict(np.full(PIXELS, 0.5, np.float32))
        digits = [decode_grid(model, range(CLASSES), z)]
        if model.digit_gaussians:
            own = digits_own(model.digit_gaussians, range(CLASSES), z)
            digits.append(decode_grid(model, range(CLASSES), own))
    results = (prediction.digit_prob, prediction.mu, prediction.sigma, prediction.reconstructed)
    if not all(np.isfinite(result).all() for result in (*results, *digits)):
        raise WeightsError(
            "The model cannot be used: its weights give results that are not finite."
        )


def read_run_id(path: str | os.PathLike[str]) -> str:
    """The id of the run that wrote the file; empty if none did or the file cannot be read."""
    try:
        with safe_open(path, framework="numpy") as file:
            return str((file.metadata() or {}).get("run", ""))
    except (OSError, *_DAMAGE):
        return ""


def read_knob_names(path: str | os.PathLike[str], z_dim: int) -> dict[int, str]:
    """The names of knobs in the file; none if it cannot be read or they are not fit."""
    try:
        with safe_open(path, framework="numpy") as file:
            names = json.loads((file.metadata() or {}).get("knob_names", "{}"))
            return knobs.check_names(names, z_dim)
    except (OSError, WeightsError, *_DAMAGE):
        return {}


def _read(path: Path) -> tuple[dict[str, str], dict[str, Floats]]:
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return file.metadata() or {}, tensors
    except FileNotFoundError:
        raise WeightsError(f"There is no model {str(path)!r}.") from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _DAMAGE as error:
        raise WeightsError(f"{path} is damaged or is no safetensors file.") from error


def _gaussians(tensors: dict[str, Any], params: Params) -> DigitGaussians | None:
    """Take the Gaussians of the digits out of the tensors."""
    own = {name: tensors.pop(name) for name in (_MEAN, _ROOT) if name in tensors}
    if not own:
        return None
    mean = (CLASSES, params.z_dim)
    checked = _checked(own, {_MEAN: mean, _ROOT: (*mean, params.z_dim)})
    return DigitGaussians(checked[_MEAN], checked[_ROOT])


def _checked(tensors: Mapping[str, Any], expected: Shapes) -> dict[str, Floats]:
    """The tensors as float32, if they have these names and shapes and are within their bounds."""
    if different := sorted(expected.keys() ^ tensors.keys()):
        problem = "is missing" if different[0] in expected else "is unknown"
        raise WeightsError(f"it does not fit its own parameters: {different[0]!r:.60} {problem}.")
    checked: dict[str, Floats] = {}
    for name, shape in expected.items():
        tensor = tensors[name]
        if tensor.shape != shape or tensor.dtype not in (np.float32, np.float16):
            raise WeightsError(
                f"it does not fit its own parameters: {name} is "
                f"{tensor.dtype} {tensor.shape}, not float32 {shape}."
            )
        tensor = checked[name] = tensor.astype(np.float32, copy=False)
        low, high = _bounds(name)
        # Not finite numbers are out of bounds, too.
        if not ((tensor >= low) & (tensor <= high)).all():
            raise WeightsError(f"{name} holds numbers that are not between {low:g} and {high:g}.")
    return checked


def _bounds(name: str) -> tuple[float, float]:
    if name in (_MEAN, _ROOT):
        return -MAX_Z, MAX_Z
    if name.endswith(".variance"):
        return 0.0, MAX_VARIANCE
    largest = MAX_MEAN if name.endswith(".mean") else MAX_WEIGHT
    return -largest, largest
