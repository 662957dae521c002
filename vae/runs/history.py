"""The history of a run: its event log, replayed."""

import os
import threading
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from vae.runs.events import (
    NAMES,
    CheckpointSaved,
    EpochFinished,
    Event,
    Failed,
    Finished,
    ParamChanged,
    Problem,
    Stopped,
    TargetEpochs,
    TrainingPoint,
    TrainingStarted,
    WorkerStarted,
    parse_lines,
)
from vae.runs.states import WORKING, State, next_state
from vae.training.progress import Point

POINTS_PER_EPOCH = 100
"""About as many points of an epoch are logged and kept: no screen shows more."""

MAX_PROBLEMS = 20
"""Problems that a history names; of further ones only the number is kept."""

_BLOCK_BYTES = 1_000_000
"""Of the log, read and parsed at a time, so that a long one needs little memory."""

WORSE = 1.02
"""A run has become worse if its last loss is above this multiple of its best."""


class WorkerProcess(NamedTuple):
    """The process of a worker, and the name of its computer."""

    pid: int
    host: str


class ParamChange(NamedTuple):
    """A live parameter was changed: when, which and to what value."""

    epochs_done: float
    param: str
    value: float


@dataclass
class RunHistory:
    """What the events of a run add up to.

    Attributes:
        state: after the last event.
        message: what happened, in a sentence, if the run has ended.
        points: the training curve, at most `POINTS_PER_EPOCH` an epoch.
        epochs: what `TrainedVAE.history` holds, an entry for each finished epoch. The first may
            be of epoch 0, the untrained model, with figures of its validation only.
        kl_per_dimension, active, confusion: as in `Validation`, of each of these epochs;
            `active` is None where it was not measured, as by a model that ships.
        changes: of live parameters.
        target_epochs: how many there are to be; 0 if that was not logged.
        checkpoint: (epoch, step) of the last one, step being within the epoch; or None.
        worker: the last one; None if there was none.
        seconds: for how long workers have worked on it, by their clocks.
        problems: what could not be read or did not work, a sentence each.
        unnamed_problems: how many more there are than `problems` names.
    """

    state: State = "queued"
    message: str = ""
    points: list[Point] = field(default_factory=list)
    epochs: list[dict[str, int | float]] = field(default_factory=list)
    kl_per_dimension: list[list[float]] = field(default_factory=list)
    active: list[list[bool] | None] = field(default_factory=list)
    confusion: list[list[list[int]]] = field(default_factory=list)
    changes: list[ParamChange] = field(default_factory=list)
    target_epochs: int = 0
    checkpoint: tuple[int, int] | None = None
    worker: WorkerProcess | None = None
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    unnamed_problems: int = 0
    _last_at: float = field(default=0.0, repr=False)

    def add(self, event: Event) -> None:
        """Apply the next event."""
        if self.state in WORKING and not isinstance(event, WorkerStarted):
            self.seconds += max(0.0, event.at - self._last_at)
        self._last_at = event.at
        name = NAMES[type(event)]
        state = next_state(self.state, name)
        if state is None:
            self.report(f"The event {name!r} cannot follow the state {self.state!r}.")
        else:
            self.state = state
        match event:
            case TrainingPoint():
                self._add_point(event)
            case EpochFinished():
                self.epochs.append(event.figures)
                self.kl_per_dimension.append(event.kl_per_dimension)
                self.active.append(event.active)
                self.confusion.append(event.confusion)
            case WorkerStarted():
                self.message, self.worker = "", WorkerProcess(event.pid, event.host)
            case TrainingStarted():
                self._cut_back(event)
            case ParamChanged():
                self.changes.append(ParamChange(event.epochs_done, event.param, event.value))
            case TargetEpochs():
                self.target_epochs = event.epochs
            case CheckpointSaved():
                self.checkpoint = event.epoch, event.step
            case Problem():
                self.report(event.message)
            case Finished() | Stopped() | Failed():
                self.message = event.message

    def report(self, problem: str) -> None:
        """Note a problem."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
        else:
            self.unnamed_problems += 1

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the best model: with the lowest loss on the test set, of those since a
        weight of the loss was last changed. None before the first epoch is finished.

        The worker saves the model of this epoch as `Run.best`.
        """
        trained = self._comparable_epochs()
        return int(min(trained, key=lambda e: e["val_loss"])["epoch"]) if trained else None

    @property
    def worsened(self) -> str:
        """That the loss on the test set rose after its best epoch, in a sentence; or empty."""
        trained = self._comparable_epochs()
        if not trained:
            return ""
        best, last = min(trained, key=lambda e: e["val_loss"]), trained[-1]
        if last["val_loss"] <= WORSE * best["val_loss"]:
            return ""
        return (
            f"The loss on the test set rose from {best['val_loss']:,.4g} "
            f"(epoch {best['epoch']:.0f}) to {last['val_loss']:,.4g}."
        )

    def _comparable_epochs(self) -> list[dict[str, int | float]]:
        """The last trained epoch and those before it whose loss has the same weights."""
        last = self.epochs[-1]["epoch"] if self.epochs else 0
        changed = [c.epochs_done for c in self.changes if c.param != "learning_rate"]
        start = max((done for done in changed if done < last), default=0)
        return [e for e in self.epochs if e["epoch"] > start]

    def _add_point(self, event: TrainingPoint) -> None:
        points = self.points
        if points and points[-1].epoch != event.epoch:
            self._thin(POINTS_PER_EPOCH)
        points.append(
            Point(
                event.epoch,
                event.step,
                event.steps,
                event.loss,
                event.recon,
                event.kl,
                event.cls,
                event.examples_per_second,
                event.consistency,
            )
        )
        self._thin(2 * POINTS_PER_EPOCH)

    def _thin(self, limit: int) -> None:
        """If the last epoch has more points than `limit`, keep `POINTS_PER_EPOCH` of them."""
        points = self.points
        if len(points) <= limit or points[-limit - 1].epoch != points[-1].epoch:
            return
        start = len(points) - limit - 1
        while start and points[start - 1].epoch == points[-1].epoch:
            start -= 1
        points[start:] = {slot(point): point for point in points[start:]}.values()

    def _cut_back(self, event: TrainingStarted) -> None:
        """Forget what a previous worker logged after the checkpoint."""
        start = event.epoch - 1 + event.step / event.steps
        self.points = [p for p in self.points if p.epochs_done <= start + 1e-9]
        self.changes = [change for change in self.changes if change.epochs_done <= start + 1e-9]
        count = sum(entry["epoch"] < event.epoch for entry in self.epochs)
        if not start:
            count = 0  # Epoch 0 will be logged again.
        for entries in (self.epochs, self.kl_per_dimension, self.active, self.confusion):
            del entries[count:]


def slot(point: Point) -> tuple[int, int]:
    """Which of the `POINTS_PER_EPOCH` parts of its epoch a point ends."""
    return point.epoch, -(-point.step * POINTS_PER_EPOCH // point.steps)


class EventReader:
    """Follows the event log of a run: each time, only what is new is read.

    Any number of threads may use one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._history = RunHistory()
        self._lock = threading.Lock()
        self._offset = self._lines = 0
        self._file: tuple[int, int] | None = None

    def read(self) -> RunHistory:
        """The history so far; a copy that will not change."""
        with self._lock:
            try:
                with self.path.open("rb") as file:
                    self._follow(file)
            except OSError:
                self._start_over()
            history = copy(self._history)
            for name, value in vars(history).items():
                if isinstance(value, list):
                    setattr(history, name, list(value))
            return history

    def _start_over(self) -> None:
        self._history, self._offset, self._lines = RunHistory(), 0, 0

    def _follow(self, file: Any) -> None:
        about = os.fstat(file.fileno())
        if (about.st_dev, about.st_ino) != self._file or about.st_size < self._offset:
            self._start_over()
            self._file = about.st_dev, about.st_ino
        file.seek(self._offset)
        rest = b""
        while block := file.read(_BLOCK_BYTES):
            whole, newline, rest = (rest + block).rpartition(b"\n")
            if not newline:
                continue
            lines = whole.split(b"\n")
            for event in parse_lines(lines, self._lines + 1):
                if isinstance(event, str):
                    self._history.report(event)
                else:
                    self._history.add(event)
            # The rest, if any, is a line that is still being written.
            self._offset += len(whole) + 1
            self._lines += len(lines)
