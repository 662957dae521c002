"""The present status of a run."""

from dataclasses import dataclass
from statistics import median_high
from typing import Any

from sqlalchemy import Row

from vae import settings
from vae.params import Params
from vae.runs.control import Control
from vae.runs.history import RunHistory
from vae.runs.states import ACTIVE, State

_SPEED_POINTS = 20
"""Points of the curve whose median speed predicts the time left."""

ORDINALS = ("", "Next", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")


@dataclass(frozen=True)
class Status:
    """A run at one moment.

    Attributes:
        params: its parameters.
        history: what its workers have measured.
        control: the requests in force.
        state: see `vae.runs.states`.
        message: what happened or what it waits for, in a sentence; empty while it trains.
        has_worker: whether a process works on it, be it paused.
        queue_position: the next run's is 1; 0 if it does not wait.
        target_epochs: how many epochs there are to be.
    """

    params: Params
    history: RunHistory
    control: Control
    state: State
    message: str
    has_worker: bool
    queue_position: int
    target_epochs: int

    @property
    def sentence(self) -> str:
        """The message, or what the run does without one."""
        if self.state != "paused":
            return self.message or "This run is being trained."
        if not self.history.points:
            return self.message or "Paused before its first step."
        now = self.history.points[-1]
        return f"Paused in epoch {now.epoch} after step {now.step} of {now.steps}."

    @property
    def is_active(self) -> bool:
        """Whether it trains, or will without anybody doing anything."""
        return self.state in ACTIVE

    @property
    def may_change(self) -> bool:
        """Whether there may be something new to see without anybody doing anything."""
        return self.is_active or self.has_worker

    @property
    def epochs_done(self) -> float:
        """How many epochs are done, the fraction of the current one included."""
        return self.history.points[-1].epochs_done if self.history.points else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the recent speed; None before the first point.

        It is 0 while the worker has not read yet that fewer epochs are requested than are done.
        """
        if not self.history.points:
            return None
        recent = self.history.points[-_SPEED_POINTS:]
        # Measured by the worker's own stopwatch: a computer's clock is set back now and then.
        # The median: the first point of a training has the time of the compiler in it.
        seconds_per_image = 1 / median_high(point.examples_per_second for point in recent)
        images = recent[-1].steps * self.params.batch_size
        return seconds_per_image * images * max(0.0, self.target_epochs - self.epochs_done)


def message_of(row: "Row[Any]", state: State, working: bool, position: int) -> str:
    """The message of a `Status`, from the row of the run and the rest of it."""
    if working:
        return str(row.message)
    if state == "queued":
        ordinal = ORDINALS[position] if position < len(ORDINALS) else f"Number {position}"
        return f"{ordinal} in the queue. {_workers_trouble()}".strip()
    if row.message:
        return str(row.message)
    if not row.workers:
        return "Cancelled before it started."
    resume = "Resume starts it again."
    if row.checkpoint_epoch is not None:
        done = f"after step {row.checkpoint_step}" if row.checkpoint_step else "from the start"
        resume = f"Resume continues {done} of epoch {row.checkpoint_epoch}."
    what = "Its process ended unexpectedly" if state == "killed" else state.capitalize()
    return f"{what}. {resume}"


def _workers_trouble() -> str:
    """Why no worker takes runs, if the dispatcher knows."""
    try:
        return (settings.RUNS / "workers-trouble.txt").read_text(errors="replace")
    except OSError:
        return ""
