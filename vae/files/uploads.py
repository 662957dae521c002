"""Model files that visitors upload."""

import tempfile
from pathlib import Path

from vae.errors import WeightsError
from vae.files import registry, weights
from vae.files.weights import MAX_BYTES, SUFFIX, check_usable
from vae.model.numpy_model import TrainedVAE


def receive(content: bytes, name: str, owner: str = "") -> None:
    """Save an uploaded model file under that name, once it has been checked and tried.

    Args:
        content: of the file.
        name: of the model.
        owner: the visitor to whom it belongs, if to one.

    Raises:
        WeightsError: as `uploaded` and `vae.files.registry.add`.
    """
    registry.add(uploaded(content, name), name, owner)


def uploaded(content: bytes, name: str) -> TrainedVAE:
    """The model in an uploaded file, checked and tried, that is to have that name.

    Raises:
        WeightsError: as `load`; also if the name is taken or not fit for a model, the file is
            larger than any model can be, or the model does not give finite results.
    """
    registry.check_free(name)
    if len(content) > MAX_BYTES:
        raise WeightsError(f"A model's file has at most {MAX_BYTES // 10**6} MB.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}{SUFFIX}"
        path.write_bytes(content)
        try:
            model = weights.load(path)
            check_usable(model)
        except WeightsError as error:
            raise WeightsError(str(error).replace(str(path), "The file")) from error
    return model
