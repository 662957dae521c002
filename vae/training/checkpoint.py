"""All that a training needs to go on as if it had never been interrupted, as one file.

A safetensors file: the tensors of the model by name, those of the optimizer as `optimizer/0`,
…, and the counter of the random numbers as `seed`. The position is JSON in its metadata.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from vae.errors import CheckpointError
from vae.files.tensors import Arrays, read, to_bytes
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
    tensors: Arrays

    def save(self, path: Path) -> None:
        """Write it atomically.

        Raises:
            OSError: if it cannot be written; an older one at `path` stays.
        """
        texts = {"position": self.position.model_dump_json()}
        atomic_write(path, to_bytes(self.tensors, texts))

    @classmethod
    def load(cls, path: Path) -> "Checkpoint | None":
        """The checkpoint in that file; None if there is no file.

        Raises:
            CheckpointError: if it is damaged.
        """
        try:
            arrays, texts = read(path)
            return cls(Position.model_validate_json(texts["position"]), arrays)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path.name} is damaged.") from error
