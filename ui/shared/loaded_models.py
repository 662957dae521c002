"""The models that this process has read from their files."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from vae.errors import WeightsError
from vae.files import weights
from vae.model.numpy_model import TrainedVAE


class Loaded(NamedTuple):
    """The model in a file.

    Attributes:
        model: itself.
        digest: of the weights; another one is another model for the browser.
    """

    model: TrainedVAE
    digest: str


def load(path: Path) -> Loaded:
    """The model in a file, which is read again only when it has changed.

    Raises:
        WeightsError: it is damaged, or there is no such file any more.
    """
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        raise WeightsError(f"There is no model {path.stem!r} any more.") from None
    return _read(path, modified)


@lru_cache(maxsize=32)
def _read(path: Path, modified: int) -> Loaded:
    model = weights.load(path)
    sent = f"{model.params.to_json()} {model.metrics.get('temperature')} {model.digest()}"
    return Loaded(model, hashlib.sha256(sent.encode()).hexdigest()[:16])
