"""The trainings of the models that come with the app, as runs that nothing can change.

They have no folder: a model's file holds the parameters, the history and the metrics. So that
they can be shown like any other run, the last snapshot is drawn by the model itself.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from vae import settings
from vae.analysis.bounds import kl_per_dimension
from vae.analysis.latent import active_units
from vae.data.mnist import first_test_examples, test_images
from vae.errors import DataError, RunError, WeightsError
from vae.files import weights
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX
from vae.model.numpy_model import TrainedVAE, softmax
from vae.params import TERMS
from vae.presets import PRESETS
from vae.runs import latent_points, snapshots
from vae.runs.control import Control
from vae.runs.history import RunHistory
from vae.runs.latent_points import LatentPoints
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status
from vae.training.progress import Point

_IMAGES_PER_SECOND = 1.0
"""A placeholder: a model's file does not have the speed, and no page shows it."""


def names() -> list[str]:
    """The ids of these runs: the names of the presets whose models are there."""
    return [name for name in PRESETS if _path(name).exists()]


class ShippedRun(Run):
    """The training of a model that comes with the app; see `Run` for the attributes.

    Raises:
        RunError: if there is no such model or it cannot be read.
    """

    ships = True
    ownership = Ownership(ships=True)

    def __init__(self, name: str) -> None:
        self.id = self.name = self.title = name
        self.note, self.replaces = "", False
        self.last = self.best = _path(name)
        self.params = self._model().params

    @property
    def figures(self) -> dict[str, int | float]:
        """The entry of the last epoch; empty if there is none."""
        history = self._model().history
        return {**history[-1]} if history else {}

    def measured(self) -> Mapping[str, Any]:
        """The metrics in its file."""
        return self._model().metrics

    def status(self) -> Status:
        """That it is finished, with its history; without MNIST nothing is known of its z."""
        model = self._model()
        epochs = model.history
        done = len(epochs)
        kl: list[float] = []
        active: list[bool] | None = None
        with suppress(DataError):
            kl, active = _latent(self.last, _changed(self.last))
        steps = self.params.steps_per_epoch()
        history = RunHistory(
            points=[_point(entry, steps) for entry in epochs],
            epochs=epochs,
            kl_per_dimension=([[]] * (done - 1) + [kl])[:done],
            active=([None] * (done - 1) + [active])[:done],
            confusion=[[]] * done,
        )
        message = "This model ships with the app."
        return Status(self.params, history, Control(), "finished", message, False, 0, done)

    def snapshots(self, paused: bool = False) -> list[Snapshot]:
        """What the model draws; snapshots from before are not in its file. None without MNIST."""
        changed = _changed(self.last)
        try:
            png = _drawn(self.last, changed)
        except DataError:
            return []
        last = len(self._model().history)
        return [
            Snapshot(last, 0, lambda: png, lambda: _points(self.last, changed), f"end-{changed}")
        ]

    def request(self, **requests: Any) -> None:
        """Nothing can be requested.

        Raises:
            RunError: always.
        """
        raise RunError(f"The run {self.id} ships with the app and stays as it is.")

    def _describe(self, **values: Any) -> None:
        self.request()

    def _model(self) -> TrainedVAE:
        try:
            return _loaded(self.last, _changed(self.last))
        except WeightsError as error:
            raise RunError(str(error)) from error


def _path(name: str) -> Path:
    return settings.SHIPPED / f"{name}{SUFFIX}"


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise RunError(f"The model {path.stem} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=len(PRESETS))
def _loaded(path: Path, changed: int) -> TrainedVAE:
    return weights.load(path)


@lru_cache(maxsize=len(PRESETS))
def _drawn(path: Path, changed: int) -> bytes:
    return snapshots.render(_loaded(path, changed), first_test_examples())


@lru_cache(maxsize=len(PRESETS))
def _latent(path: Path, changed: int) -> tuple[list[float], list[bool]]:
    """KL divergence of each dimension of z, nats, and whether it is in use; on a few images."""
    model, x = _loaded(path, changed), first_test_examples().x
    mu, log_var = model.encode(x, softmax(model.classify(x)))
    kl = kl_per_dimension(mu, log_var).mean(0)
    return kl.tolist(), active_units(mu).tolist()


@lru_cache(maxsize=len(PRESETS))
def _points(path: Path, changed: int) -> LatentPoints:
    return latent_points.compute(
        _loaded(path, changed), test_images().examples(slice(latent_points.COUNT))
    )


def _point(entry: dict[str, int | float], steps: int) -> Point:
    """The means of an epoch as a point of the training curve."""
    terms = {term: float(entry.get(term, 0.0)) for term in TERMS}
    return Point(int(entry["epoch"]), steps, steps, examples_per_second=_IMAGES_PER_SECOND, **terms)
