"""The queue of runs that wait for a worker: one file, `queue.json`, shared by all servers.

It delivers at least once. A run stays in the queue while the dispatcher hands it to a worker. It
leaves when that worker has the run's lock, has logged its start and acknowledges the run, or when
the dispatcher has recorded that no worker could start it. A run that is handed out twice is
trained once: the second worker waits for the lock, and finds the run ended.

Only this module changes the file.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from vae import settings
from vae.storage import atomic_write, file_lock


def ids() -> list[str]:
    """The runs that wait, the next one first; invalid entries are skipped."""
    try:
        found = json.loads((settings.RUNS / "queue.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return list(dict.fromkeys(filter(_is_id, found))) if type(found) is list else []


def position(run_id: str) -> int:
    """The run's position, the next run's being 1; 0 if it does not wait."""
    waiting = ids()
    return waiting.index(run_id) + 1 if run_id in waiting else 0


def submit(run_id: str) -> None:
    """Put a run at the end, if it does not wait already.

    Raises:
        OSError: if the queue cannot be written; so do the other functions.
    """
    with _changed() as waiting:
        if run_id not in waiting:
            waiting.append(run_id)


def acknowledge(run_id: str) -> None:
    """A worker has the run: take it out."""
    cancel(run_id)


def cancel(run_id: str) -> bool:
    """Take a run out; returns whether it was there."""
    if run_id not in ids():
        return False
    with _changed() as waiting:
        found = run_id in waiting
        waiting[:] = [other for other in waiting if other != run_id]
    return found


def move(run_id: str, by: int) -> None:
    """Move a run towards the end by `by` positions, or towards the front if `by` is negative."""
    with _changed() as waiting:
        if run_id in waiting:
            index = waiting.index(run_id)
            waiting.insert(max(0, index + by), waiting.pop(index))


def _is_id(entry: object) -> bool:
    """Whether it can be the name of a folder of `settings.RUNS` itself."""
    return (
        isinstance(entry, str)
        and entry.isprintable()
        and not set("/\\") & set(entry)
        and entry[:1] not in ("", ".")
    )


def _set_damaged_file_aside() -> None:
    """Keep a file that cannot be read as `queue.damaged.json`, before another replaces it."""
    path = settings.RUNS / "queue.json"
    try:
        if type(json.loads(path.read_bytes())) is not list:
            raise ValueError
    except FileNotFoundError:
        return
    except (ValueError, RecursionError):
        path.replace(path.with_name("queue.damaged.json"))


@contextmanager
def _changed() -> Iterator[list[str]]:
    """The queue, to be changed in place; written at the end."""
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    with file_lock(settings.RUNS / "queue.lock"):
        _set_damaged_file_aside()
        waiting = ids()
        before = list(waiting)
        yield waiting
        if waiting != before:
            atomic_write(settings.RUNS / "queue.json", json.dumps(waiting))
