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
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from vae.analysis.latent import MAX_Z, REACH, decode_grid, digits_own
from vae.data.mnist import CLASSES, PIXELS, Floats
from vae.errors import ParamsError, WeightsError, os_error_message, os_errors_as
from vae.files import knobs, tensors
from vae.files.metadata import check_history, check_metrics
from vae.model.architecture import MAX_PARAMETERS, shapes
from vae.model.layers import Shapes
from vae.model.numpy_model import DigitGaussians, TrainedVAE
from vae.params import Params
from vae.storage import atomic_write

if TYPE_CHECKING:
    from vae.model.keras_model import VAE

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


def save(
    path: str | os.PathLike[str],
    model: "TrainedVAE | VAE",
    run_id: str = "",
    half: bool = False,
) -> None:
    """Write `model` to `path` in one step: until then an older file there stays as it was.

    A missing folder is made, unless the file is a run's: the folder of a deleted run must not
    come back.

    Args:
        path: of the file; its name should end in `SUFFIX`.
        model: what to save, in NumPy or in Keras.
        run_id: of the run that trained it, if one did (see `read_run_id`).
        half: whether the tensors are rounded to float16, which halves the file.

    Raises:
        WeightsError: if it cannot be written.
    """
    path = Path(path)
    model = model if isinstance(model, TrainedVAE) else model.to_trained()
    texts = {
        "format": FORMAT,
        "version": str(VERSION),
        "params": model.params.to_json(),
        "metrics": json.dumps(model.metrics),
        "history": json.dumps(model.history),
    }
    if model.knob_names:
        texts["knob_names"] = json.dumps(model.knob_names)
    if run_id:
        texts["run"] = run_id
    arrays = {**model.tensors}
    if model.digit_gaussians:
        arrays |= {_MEAN: model.digit_gaussians.mean, _ROOT: model.digit_gaussians.root}
    dtype = np.float16 if half else np.float32
    content = tensors.to_bytes({k: cast(v, dtype) for k, v in arrays.items()}, texts)
    with os_errors_as(WeightsError, f"{path} cannot be written"):
        if not run_id:
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, content)


def content_with_names(path: Path, names: Mapping[int, str]) -> bytes:
    """The content of the file at `path` with these names of knobs in the place of its own.

    All else stays bit for bit, also what a newer program may have added.
    """
    arrays, texts = tensors.read(path)
    texts.pop("knob_names", None)
    return tensors.to_bytes(arrays, texts | ({"knob_names": json.dumps(names)} if names else {}))


def cast(tensor: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """The tensor as `dtype`, or as it is if a number is too large for that."""
    with np.errstate(over="ignore"):
        cast = tensor.astype(dtype)
    return cast if np.isfinite(cast).all() else tensor


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before a long training whether `save` could write to `path`; makes its folder.

    Raises:
        WeightsError: if it could not.
    """
    path = Path(path)
    with os_errors_as(WeightsError, f"{path} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        tempfile.TemporaryFile(dir=path.parent).close()


def load(path: str | os.PathLike[str]) -> TrainedVAE:
    """The trained model in the file at `path`.

    Metrics that this program does not know are left out.

    Raises:
        WeightsError: if there is no such file, or it is damaged, foreign, newer than this
            program, does not fit its own parameters, or holds a number that is out of bounds.
    """
    path = Path(path)
    try:
        arrays, texts = tensors.read(path)
    except FileNotFoundError:
        raise WeightsError(f"There is no model {str(path)!r}.") from None
    except OSError as error:
        raise WeightsError(os_error_message(f"{path} cannot be read", error)) from error
    except ValueError as error:
        raise WeightsError(str(error)) from error
    if texts.get("format") != FORMAT:
        raise WeightsError(f"{path} does not hold a model of this program.")
    if texts.get("version") != str(VERSION):
        raise WeightsError(
            f"{path} has format version {texts.get('version', '')[:20]!r}; "
            f"this program reads '{VERSION}'."
        )
    try:
        params = Params.from_json(texts["params"])
        metrics = check_metrics(json.loads(texts["metrics"]))
        history = check_history(json.loads(texts["history"]))
        names = knobs.check_names(json.loads(texts.get("knob_names", "{}")), params.z_dim)
        gaussians = _gaussians(arrays, params)
        checked = _checked(arrays, shapes(params))
    except (ParamsError, WeightsError) as error:
        raise WeightsError(f"{path} cannot be used: {error}") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path} cannot be used: its metadata is incomplete.") from error
    return TrainedVAE(params, checked, metrics, history, gaussians, names)


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
        results = [prediction.digit_prob, prediction.mu, prediction.sigma]
        results += [prediction.reconstructed, decode_grid(model, range(CLASSES), z)]
        if model.digit_gaussians:
            own = digits_own(model.digit_gaussians, range(CLASSES), z)
            results.append(decode_grid(model, range(CLASSES), own))
    if not all(np.isfinite(result).all() for result in results):
        raise WeightsError(
            "The model cannot be used: its weights give results that are not finite."
        )


def read_run_id(path: Path) -> str:
    """The id of the run that wrote the file; empty if none did or the file cannot be read."""
    return tensors.read_texts(path).get("run", "")


def read_knob_names(path: Path, z_dim: int) -> dict[int, str]:
    """The names of knobs in the file; none if it cannot be read or they are not fit."""
    try:
        return knobs.check_names(
            json.loads(tensors.read_texts(path).get("knob_names", "{}")), z_dim
        )
    except (WeightsError, ValueError, RecursionError):
        return {}


def _gaussians(arrays: tensors.Arrays, params: Params) -> DigitGaussians | None:
    """Take the Gaussians of the digits out of the arrays."""
    own = {name: arrays.pop(name) for name in (_MEAN, _ROOT) if name in arrays}
    if not own:
        return None
    mean = (CLASSES, params.z_dim)
    checked = _checked(own, {_MEAN: mean, _ROOT: (*mean, params.z_dim)})
    return DigitGaussians(checked[_MEAN], checked[_ROOT])


def _checked(arrays: tensors.Arrays, expected: Shapes) -> dict[str, Floats]:
    """The arrays as float32, if they have these names and shapes and are within their bounds."""
    unfit = "it does not fit its own parameters:"
    if different := sorted(expected.keys() ^ arrays.keys()):
        problem = "is missing" if different[0] in expected else "is unknown"
        raise WeightsError(f"{unfit} {different[0]!r:.60} {problem}.")
    checked: dict[str, Floats] = {}
    for name, shape in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype not in (np.float32, np.float16):
            found = f"{array.dtype} {array.shape}"
            raise WeightsError(f"{unfit} {name} is {found}, not float32 {shape}.")
        array = checked[name] = array.astype(np.float32, copy=False)
        low, high = _bounds(name)
        # Not finite numbers are out of bounds, too.
        if not ((array >= low) & (array <= high)).all():
            raise WeightsError(f"{name} holds numbers that are not between {low:g} and {high:g}.")
    return checked


def _bounds(name: str) -> tuple[float, float]:
    if name in (_MEAN, _ROOT):
        return -MAX_Z, MAX_Z
    if name.endswith(".variance"):
        return 0.0, MAX_VARIANCE
    largest = MAX_MEAN if name.endswith(".mean") else MAX_WEIGHT
    return -largest, largest
