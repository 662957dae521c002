"""The queue: the runs that wait for a worker, in one file that every server shares."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock

from vae import settings
from vae.storage import atomic_write


def ids() -> list[str]:
    """The runs that wait, the next one first."""
    try:
        found = json.loads((settings.RUNS / "queue.json").read_text())
    except (OSError, ValueError):
        return []
    return [run_id for run_id in found if isinstance(run_id, str)] if type(found) is list else []


def add(run_id: str) -> None:
    """Put a run at the end, if it does not wait already.

    Raises:
        OSError: if the queue cannot be written; so do the other functions.
    """
    with _changed() as queue:
        if run_id not in queue:
            queue.append(run_id)


def remove(run_id: str) -> bool:
    """Take a run out; whether it was there."""
    if run_id not in ids():
        return False
    with _changed() as queue:
        there = run_id in queue
        queue[:] = [other for other in queue if other != run_id]
    return there


def move(run_id: str, places: int) -> None:
    """Move a run so many places towards the end, or, if negative, towards the front."""
    with _changed() as queue:
        if run_id in queue:
            place = queue.index(run_id)
            queue.insert(max(0, place + places), queue.pop(place))


@contextmanager
def _changed() -> Iterator[list[str]]:
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.RUNS / "queue.lock", timeout=10):
        queue = ids()
        before = list(queue)
        yield queue
        if queue != before:
            atomic_write(settings.RUNS / "queue.json", json.dumps(queue))
