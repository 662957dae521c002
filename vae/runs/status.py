"""Where a run is: what its trainer told, whether that lives, and what is wanted of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from vae import settings
from vae.data.mnist import TRAINING_SIZE
from vae.runs import control
from vae.runs.events import ENDINGS, LIVE, State, Story, last_words

_PACE_POINTS = 20
_FULL_BYTES = 1_000_000


@dataclass(frozen=True)
class Status:
    """Where a run is at one moment.

    Attributes:
        story: what its trainer has told.
        state: `killed` means that the trainer ended without a word.
        message: what happened or what it waits for, in a sentence; empty while it trains.
        working: whether its trainer lives; a paused one may.
        place: its place in the queue, the next run's being 1; 0 if it does not wait.
        epochs: how many there are to be.
    """

    story: Story
    state: State
    message: str
    working: bool
    place: int
    epochs: int

    @property
    def live(self) -> bool:
        """Whether it trains, or will without anybody doing anything."""
        return self.state in LIVE

    @property
    def epochs_done(self) -> float:
        """How many epochs are done, the fraction of the current one included."""
        return self.story.points[-1].epochs_done if self.story.points else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the present pace; None before there is one."""
        if not self.story.points:
            return None
        recent = self.story.points[-_PACE_POINTS:]
        # By the trainer's stopwatch: clocks are set back now and then.
        pace = sum(1 / point.examples_per_second for point in recent) / len(recent)
        return pace * TRAINING_SIZE * (self.epochs - self.epochs_done)


def state_of(folder: Path, story: Story, working: bool, place: int) -> tuple[State, str]:
    """The state and the message of a `Status`, by the rest of it."""
    if working:
        return ("starting" if story.state == "queued" else story.state), story.message
    if place:
        line = "It is the next to be trained." if place == 1 else f"Number {place} in line."
        return "queued", f"{line} {_trouble()}".rstrip()
    if words := last_words(folder):
        return "failed", words["message"]
    if story.state in ENDINGS:
        return story.state, story.message
    if not story.trainer:
        return "stopped", "It has not begun. Resume begins it."
    on = "Resume begins anew."
    if story.kept:
        epoch, step = story.kept
        on = f"Resume goes on from epoch {epoch}, step {step}."
    if story.state == "paused":
        if control.read(folder).want == "stop":
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
