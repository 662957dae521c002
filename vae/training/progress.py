"""What a training reports while it runs. Imports no TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from vae.model.numpy_model import TrainedVAE
from vae.params import TERMS


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the training curve.

    Attributes:
        epoch: 1 to the number of epochs.
        step: steps done in this epoch.
        steps: how many steps the epoch has.
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
        """How many epochs are done, the fraction of this one included."""
        return self.epoch - 1 + self.step / self.steps


def merge_points(points: Sequence[Point], steps: Sequence[int]) -> Point:
    """Consecutive points of one epoch as one: means weighted by the steps that each covers."""
    if len(points) == 1:
        return points[0]
    total, last = sum(steps), points[-1]
    means = {
        term: sum(getattr(p, term) * n for p, n in zip(points, steps, strict=True)) / total
        for term in TERMS
    }
    time = sum(n / p.examples_per_second for p, n in zip(points, steps, strict=True))
    return Point(last.epoch, last.step, last.steps, examples_per_second=total / time, **means)


@dataclass(frozen=True)
class Validation:
    """The model on the images that it is not trained on (`vae.data.mnist.Data.split`).

    Attributes:
        figures: `val_loss`, `val_recon`, `val_kl`, `val_cls` (nats, means over the images),
            `val_accuracy` (0 to 1) and, if it has a weight, `val_consistency`.
        kl_per_dimension: (z_dim,) KL divergence of each latent dimension, nats.
        active: (z_dim,) whether each dimension carries information (`latent.active_units`).
        confusion: (10, 10) how often each digit (row) was read as each (column).
    """

    figures: dict[str, float]
    kl_per_dimension: list[float]
    active: list[bool]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Progress(Point):
    """Where a training is: the steps since the last progress, and more at the end of an epoch.

    Attributes:
        trained: at the end of an epoch, the model as it is then; else None. The last entry of
            its `history` is this epoch's: means of the terms over its steps, and the figures of
            the validation.
        validation: of that model.
    """

    trained: TrainedVAE | None = None
    validation: Validation | None = None

    @property
    def point(self) -> Point:
        """Only the fields of `Point`."""
        return Point(**{field.name: getattr(self, field.name) for field in fields(Point)})
