"""Where a run is: what its trainer told, whether that lives, and what is wanted of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from vae import settings
from vae.data.mnist import TRAINING_SIZE
from vae.runs import control
from vae.runs.events import ACTIVE, ENDINGS, RunHistory, State, crash_record

_PACE_POINTS = 20
_FULL_BYTES = 1_000_000


@dataclass(frozen=True)
class Status:
    """Where a run is at one moment.

    Attributes:
        history: what its trainer has told.
        state: `killed` means that the trainer ended without a word.
        message: what happened or what it waits for, in a sentence; empty while it trains.
        has_worker: whether its trainer lives; a paused one may.
        queue_position: its place in the queue, the next run's being 1; 0 if it does not wait.
        target_epochs: how many there are to be.
    """

    history: RunHistory
    state: State
    message: str
    has_worker: bool
    queue_position: int
    target_epochs: int

    @property
    def is_active(self) -> bool:
        """Whether it trains, or will without anybody doing anything."""
        return self.state in ACTIVE

    @property
    def epochs_done(self) -> float:
        """How many epochs are done, the fraction of the current one included."""
        return self.history.points[-1].epochs_done if self.history.points else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the present pace; None before there is one."""
        if not self.history.points:
            return None
        recent = self.history.points[-_PACE_POINTS:]
        # By the trainer's stopwatch: clocks are set back now and then.
        pace = sum(1 / point.examples_per_second for point in recent) / len(recent)
        return pace * TRAINING_SIZE * (self.target_epochs - self.epochs_done)


def state_of(folder: Path, history: RunHistory, working: bool, place: int) -> tuple[State, str]:
    """The state and the message of a `Status`, by the rest of it."""
    if working:
        return ("starting" if history.state == "queued" else history.state), history.message
    if place:
        line = "It is the next to be trained." if place == 1 else f"Number {place} in line."
        return "queued", f"{line} {_trouble()}".rstrip()
    if words := crash_record(folder):
        return "failed", words["message"]
    if history.state in ENDINGS:
        return history.state, history.message
    if not history.worker:
        return "stopped", "It has not begun. Resume begins it."
    on = "Resume begins anew."
    if history.checkpoint:
        epoch, step = history.checkpoint
        on = f"Resume goes on from epoch {epoch}, step {step}."
    if history.state == "paused":
        if control.read(folder).desired_state == "stop":
            return "stopped", f"Stopped. {on}"
        return "paused", f"Paused. {on}"
    full = shutil.disk_usage(folder).free < _FULL_BYTES
    why = "The disk is full. " if full else ""
    return "killed", f"{why}Its process ended without a word. {on}"


def _trouble() -> str:
    """Why there are no workers, if they said so."""
    try:
        return (settings.RUNS / "workers-trouble.txt").read_text()
    except OSError:
        return ""
