"""All that a training needs to go on as if it had never been interrupted, as one file.

A safetensors file: the tensors of the model by name, those of the optimizer as `optimizer/0`,
…, and the counter of the random numbers as `seed`; the position is JSON in its metadata.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from vae.errors import CheckpointError
from vae.storage import atomic_write


@dataclass(frozen=True)
class Position:
    """Where a training is.

    Attributes:
        epochs: how many there are to be.
        first: how many were done when the learning rate's present schedule began.
        step: steps done in the epoch that follows those of `history`.
        sums: of the loss and its terms over these steps.
        history: an entry for each finished epoch, as in `TrainedVAE`.
        live_params: the value of each of `LIVE_PARAMS`.
        single_steps: how many were taken one by one, when asked for.
    """

    epochs: int
    first: int
    step: int
    sums: list[float]
    history: list[dict[str, float]]
    live_params: dict[str, float]
    single_steps: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A training between two steps."""

    position: Position
    tensors: dict[str, NDArray[Any]]

    def save(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            OSError: if it cannot be written; an older one there stays.
        """
        position = json.dumps(dataclasses.asdict(self.position))
        tensors = {name: np.asarray(array, order="C") for name, array in self.tensors.items()}
        atomic_write(path, to_safetensors(tensors, metadata={"position": position}))

    @classmethod
    def load(cls, path: Path) -> "Checkpoint | None":
        """The one in that file; None if there is no file.

        Raises:
            CheckpointError: if it is damaged.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                position = Position(**json.loads(file.metadata()["position"]))
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, TypeError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path.name} is damaged.") from error
        return cls(position, tensors)
