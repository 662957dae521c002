"""What a training says of itself as it goes on; free of TensorFlow, for those who watch."""

from dataclasses import dataclass
from typing import Any

from vae.model.numpy_model import TrainedVAE


@dataclass(frozen=True)
class Point:
    """A point of the training curve.

    Attributes:
        epoch: 1 to the number of epochs.
        step: steps done in this epoch; steps: how many it has.
        loss, recon, kl, cls, consistency: means over the steps since the last point, nats.
        examples_per_second: over the same steps.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    recon: float
    kl: float
    cls: float
    examples_per_second: float
    consistency: float = 0.0

    @property
    def epochs_done(self) -> float:
        """How many epochs were done, the fraction of this one included."""
        return self.epoch - 1 + self.step / self.steps


@dataclass(frozen=True)
class Validation:
    """A look at the test set.

    Attributes:
        figures: `val_loss`, `val_recon`, `val_kl`, `val_cls` (nats, means over the images),
            `val_accuracy` (0 to 1) and, if it has a weight, `val_consistency`.
        kl_per_dimension: what each latent dimension has of the KL, nats: its units' use.
        confusion: ten rows, how often each digit was read as each.
    """

    figures: dict[str, float]
    kl_per_dimension: list[float]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Progress(Point):
    """Where a training is.

    Attributes:
        trained: at the end of an epoch, the model as it is then; else None. The last
            entry of its `history` is this epoch's: means of the terms over its steps, and
            the figures of the validation.
        validation: of that model.
    """

    trained: TrainedVAE | None = None
    validation: Validation | None = None

    @property
    def point(self) -> dict[str, Any]:
        """The fields of `Point`."""
        return {name: getattr(self, name) for name in Point.__dataclass_fields__}
