"""All runs at a glance: quick, even if there are thousands."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vae import settings
from vae.errors import RunError
from vae.runs import queue
from vae.runs.events import ENDINGS, RunHistory, State, parse_events
from vae.runs.run import Run, has_worker, ids
from vae.runs.status import state_of

_TAILS = (16_384, 524_288)
"""So much of a history's end is read; the second if there is no finished epoch in the first."""


@dataclass(frozen=True)
class Summary:
    """A run in a line.

    Attributes:
        run: the run.
        state: as in `Status`.
        figures: the last finished epoch's entry of its history; empty if there is none.
    """

    run: Run
    state: State
    figures: dict[str, float]


def summaries() -> list[Summary]:
    """All runs that can be read, the newest first."""
    queue, found = queue.ids(), []
    for run_id in ids():
        folder = settings.RUNS / run_id
        try:
            run = Run(folder)
        except RunError:
            continue
        history = _ending(folder / "events.jsonl")
        working = history.state not in ENDINGS and has_worker(run_id)
        place = queue.index(run_id) + 1 if run_id in queue else 0
        state, _ = state_of(folder, history, working, place)
        found.append(Summary(run, state, history.epochs[-1] if history.epochs else {}))
    return found


def _ending(path: Path) -> RunHistory:
    """The history by its last lines only: the state, and the last epochs."""
    try:
        about = path.stat()
    except OSError:
        return RunHistory()
    return _ending_of(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=10_000)
def _ending_of(path: Path, changed: int, size: int) -> RunHistory:
    tail, most, epoch = b"", 0, -1
    try:
        with path.open("rb") as file:
            for most in _TAILS:
                file.seek(max(0, size - most))
                tail = b"\n" + file.read()
                epoch = tail.rfind(b'\n{"event": "epoch"')
                if epoch >= 0 or most >= size:
                    break
    except OSError:
        return RunHistory()
    begin = max(0, min(epoch, tail.rfind(b'\n{"event": "point"')))
    if tail.rfind(b'\n{"event": "started"') > begin:
        begin = 0  # What was told before that may be void.
    history = RunHistory(worker="" if most >= size else "told of further up")
    for event in parse_events(tail[begin:]):
        if event["event"] != "point" or history.state not in ("running", "paused"):
            history.add(event)
    return history
