"""What happened in a run, as its trainer told it: `events.jsonl`, a JSON object a line.

The file is only ever appended to. A line may be cut short by a crash, and a trainer that takes
a run up again may begin before the end of what the one before it had told: that is then void.
"""

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from vae.params import LIVE_PARAMS
from vae.training.progress import Point

State = Literal[
    "queued", "starting", "running", "paused", "finished", "stopped", "failed", "killed"
]
ACTIVE: tuple[State, ...] = ("queued", "starting", "running")
ENDINGS = ("finished", "stopped", "failed")


class ParamChange(NamedTuple):
    """A param was turned: when, which and to what value."""

    epochs_done: float
    param: str
    value: float


@dataclass
class RunHistory:
    """What the events say.

    Attributes:
        state: as the trainer told it last.
        message: what happened, in a sentence, if it has ended.
        points: the training curve.
        epochs: what `TrainedVAE.history` holds, an entry for each finished epoch; the first
            may be of epoch 0, the model before it has learned anything, with the figures of
            its validation only.
        kl_per_dimension, confusion: as in `Validation`, of each of these epochs.
        changes: the live_params that were turned.
        target_epochs: how many epochs there are to be; 0 if that was not told.
        checkpoint: (epoch, step) of the checkpoint, step being within the epoch; None without.
        worker: the process and the host of the trainer, in words.
    """

    state: State = "queued"
    message: str = ""
    points: list[Point] = field(default_factory=list)
    epochs: list[dict[str, float]] = field(default_factory=list)
    kl_per_dimension: list[list[float]] = field(default_factory=list)
    confusion: list[list[list[int]]] = field(default_factory=list)
    changes: list[ParamChange] = field(default_factory=list)
    target_epochs: int = 0
    checkpoint: tuple[int, int] | None = None
    worker: str = ""

    def add(self, event: dict[str, Any]) -> None:
        """Go on with the next event; one that makes no sense is passed over."""
        try:
            getattr(self, f"_{event.pop('event')}", lambda **_: None)(**event)
        except (TypeError, KeyError, AttributeError):
            return

    def _began(self, at: float, pid: int, host: str) -> None:
        self.state, self.message, self.worker = "starting", "", f"process {pid} on {host}"

    def _started(self, at: float, epoch: int, step: int, steps: int) -> None:
        begin = epoch - 1 + step / steps
        self.points = [p for p in self.points if p.epochs_done <= begin + 1e-9]
        self.changes = [change for change in self.changes if change.epochs_done <= begin + 1e-9]
        count = sum(entry["epoch"] < epoch for entry in self.epochs)
        if not begin:
            count = 0  # Epoch 0 will be told again.
        del self.epochs[count:], self.kl_per_dimension[count:], self.confusion[count:]

    def _point(self, at: float, **point: Any) -> None:
        self.state = "running"
        self.points.append(Point(**point))

    def _epoch(
        self,
        at: float,
        kl_per_dimension: list[float],
        confusion: list[list[int]],
        **entry: float,
    ) -> None:
        self.epochs.append(entry)
        self.kl_per_dimension.append(kl_per_dimension)
        self.confusion.append(confusion)

    def _dial(self, at: float, param: str, **change: Any) -> None:
        if param in LIVE_PARAMS:
            self.changes.append(ParamChange(param=param, **change))

    def _goal(self, at: float, epochs: int) -> None:
        self.target_epochs = epochs

    def _kept(self, at: float, epoch: int, step: int) -> None:
        self.checkpoint = epoch, step

    def _paused(self, at: float) -> None:
        self.state = "paused"

    def _went_on(self, at: float) -> None:
        self.state = "running"

    def _finished(self, at: float, message: str) -> None:
        self.state, self.message = "finished", message

    def _stopped(self, at: float, message: str) -> None:
        self.state, self.message = "stopped", message

    def _failed(self, at: float, message: str) -> None:
        self.state, self.message = "failed", message


class EventReader:
    """Follows a file of events: each time, only what is new is read.

    Any number of threads may use one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.history = RunHistory()
        self._lock = threading.Lock()
        self._offset = 0
        self._file: tuple[int, int] | None = None

    def read(self) -> RunHistory:
        """The history so far; a copy that stays as it is."""
        with self._lock:
            try:
                with self.path.open("rb") as file:
                    self._follow(file)
            except OSError:
                self.history, self._offset = RunHistory(), 0
            lists = {
                name: list(value)
                for name, value in vars(self.history).items()
                if isinstance(value, list)
            }
            return RunHistory(**{**vars(self.history), **lists})

    def _follow(self, file: Any) -> None:
        about = os.fstat(file.fileno())
        if (about.st_dev, about.st_ino) != self._file or about.st_size < self._offset:
            self.history, self._offset = RunHistory(), 0
            self._file = about.st_dev, about.st_ino
        file.seek(self._offset)
        new = file.read()
        whole = new[: new.rfind(b"\n") + 1]  # The last line may still be being written.
        self._offset += len(whole)
        for event in parse_events(whole):
            self.history.add(event)


def parse_events(lines: bytes) -> list[dict[str, Any]]:
    """The events in these lines; what was cut short is left out."""
    events = []
    for line in lines.split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and {"event", "at"} <= event.keys():
            events.append(event)
    return events


def crash_record(folder: Path) -> dict[str, Any]:
    """The event that could only be told in last words; empty if there is none."""
    try:
        events = parse_events((folder / "last-words").read_bytes())
    except OSError:
        return {}
    return events[0] if events else {}
