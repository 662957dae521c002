"""The summary of a run, `summary.json`: what lists show, so that they need not replay its log."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vae.runs import events
from vae.runs.history import EventReader, RunHistory, WorkerProcess
from vae.runs.states import State
from vae.storage import atomic_write

FILE = "summary.json"


class RunSummary(BaseModel):
    """The content of `summary.json`.

    Attributes:
        log_bytes: the size of the log of which it is the summary.
        state, checkpoint, worker: as in `RunHistory`.
        message, seconds: as in `RunHistory`.
        figures: the entry of the last finished epoch; empty if there is none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")

    log_bytes: int
    state: State
    message: str
    worker: WorkerProcess | None
    checkpoint: tuple[int, int] | None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    figures: dict[str, events.Figure]

    @model_validator(mode="after")
    def _check_figures(self) -> Self:
        if self.figures:
            events.check_figures(self.figures)
        return self

    @classmethod
    def from_history(cls, history: RunHistory, log_bytes: int) -> "RunSummary":
        """The summary of a history."""
        return cls(
            log_bytes=log_bytes,
            state=history.state,
            message=history.message,
            worker=history.worker,
            checkpoint=history.checkpoint,
            seconds=history.seconds,
            figures=history.epochs[-1] if history.epochs else {},
        )

    def history(self) -> RunHistory:
        """As much of the history as the state of a run depends on."""
        return RunHistory(
            state=self.state,
            message=self.message,
            worker=self.worker,
            checkpoint=self.checkpoint,
            seconds=self.seconds,
            epochs=[self.figures] if self.figures else [],
        )


class RunLog:
    """The event log of a run, its history so far and, for lists, its summary.

    Attributes:
        history: what the log adds up to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = events.EventLog(folder)
        self.history = EventReader(folder / "events.jsonl").read()

    def append(self, kind: type[events.AnyEvent], /, **values: Any) -> None:
        """Append an event; a change of the state and a finished epoch renew the summary.

        Raises:
            OSError: if it cannot be written.
        """
        event, before = kind.now(**values), self.history.state
        self._log.append(event)
        self.history.add(cast(events.Event, event))
        if self.history.state == before and kind is not events.EpochFinished:
            return
        log_bytes = (self._folder / "events.jsonl").stat().st_size
        summary = RunSummary.from_history(self.history, log_bytes)
        try:
            atomic_write(self._folder / FILE, summary.model_dump_json())
        except OSError:
            if kind is not events.Failed:  # A full disk is what failed; lists read the log.
                raise

    def sync(self) -> None:
        """Make the log so far survive a power cut."""
        self._log.sync()

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def short_history(folder: Path, working: bool) -> RunHistory:
    """The history by its summary or, without one that is up to date, by the whole log."""
    log = folder / "events.jsonl"
    try:
        about = log.stat()
        summary = RunSummary.model_validate_json((folder / FILE).read_bytes())
        # While it trains, points are logged after the last summary.
        if summary.log_bytes == about.st_size or (working and summary.log_bytes < about.st_size):
            return summary.history()
    except FileNotFoundError:
        if not log.exists():
            return RunHistory()
    except (OSError, ValidationError):
        pass
    try:
        about = log.stat()
    except OSError:
        return RunHistory()
    return _replayed(log, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=10_000)
def _replayed(log: Path, changed: int, size: int) -> RunHistory:
    """The part of a history that lists need; the rest would fill the memory."""
    return RunSummary.from_history(EventReader(log).read(), size).history()
