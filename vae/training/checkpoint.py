"""All that a training needs to go on as if it had never been interrupted, as one file.

A safetensors file: the tensors of the model by name, those of the optimizer as `optimizer/0`,
…, and the counter of the random numbers as `seed`. The position is JSON in its metadata.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from vae.errors import CheckpointError
from vae.storage import atomic_write


class Position(BaseModel):
    """Where a training is.

    Attributes:
        target_epochs: how many epochs there are to be.
        schedule_start: epochs done when the learning rate's present schedule began.
        step: steps done in the epoch that follows those of `history`.
        sums: of the loss and its terms over these steps.
        history: an entry for each finished epoch, as in `TrainedVAE`.
        live_params: the present value of each of `LIVE_PARAMS`.
        single_steps: steps taken one by one on request, ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    target_epochs: int = Field(ge=1)
    schedule_start: int = Field(ge=0)
    step: int = Field(ge=0)
    sums: list[float]
    history: list[dict[str, int | float]]
    live_params: dict[str, float]
    single_steps: int = Field(0, ge=0)


@dataclass(frozen=True)
class Checkpoint:
    """A training between two steps."""

    position: Position
    tensors: dict[str, NDArray[Any]]

    def save(self, path: Path) -> None:
        """Write it atomically.

        Raises:
            OSError: if it cannot be written; an older one at `path` stays.
        """
        tensors = {name: np.asarray(tensor, order="C") for name, tensor in self.tensors.items()}
        metadata = {"position": self.position.model_dump_json()}
        atomic_write(path, to_safetensors(tensors, metadata=metadata))

    @classmethod
    def load(cls, path: Path) -> "Checkpoint | None":
        """The checkpoint in that file; None if there is no file.

        Raises:
            CheckpointError: if it is damaged.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                position = Position.model_validate_json(file.metadata()["position"])
        except FileNotFoundError:
            return None
        except (
            *(OSError, SafetensorError, ValidationError),
            *(TypeError, ValueError, LookupError, AttributeError, RecursionError),
        ) as error:
            raise CheckpointError(f"{path.name} is damaged.") from error
        return cls(position, tensors)
