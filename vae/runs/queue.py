"""The queue of runs that wait for a worker: those that have a place in it.

It delivers at least once. A run stays in the queue while the dispatcher hands it to a worker. It
leaves when that worker has its lock and has started, or when the dispatcher has recorded that no
worker could start it. A run that is handed out twice is trained once: the second worker waits for
the lock, and finds the run ended.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from vae.database import reading, runs, writing
from vae.runs.rows import change_state, has_worker, set_values


def ids() -> list[str]:
    """The runs that wait, the next one first.

    Raises:
        DatabaseError: if the database cannot be read; so do the other functions.
    """
    waiting = select(runs.c.id).where(runs.c.place.is_not(None)).order_by(runs.c.place)
    with reading() as connection:
        return [*connection.scalars(waiting)]


def networks() -> list[str]:
    """The networks from which those runs were submitted, in the same order."""
    waiting = select(runs.c.network).where(runs.c.place.is_not(None)).order_by(runs.c.place)
    with reading() as connection:
        return [*connection.scalars(waiting)]


def position(run_id: str) -> int:
    """The run's position, the next run's being 1; 0 if it does not wait."""
    waiting = ids()
    return waiting.index(run_id) + 1 if run_id in waiting else 0


def submit(run_id: str, network: str = "") -> None:
    """Put a run into the queue, unless it waits already or has a worker.

    Networks take turns: the second run of one waits behind the first of all others.

    Args:
        run_id: of the run.
        network: of the visitor who does so.

    Raises:
        RunError: if there is no such run.
    """
    with writing() as connection:
        if position(run_id) or has_worker(run_id):
            return
        waiting, others = ids(), networks()
        turn = others.count(network)
        later = (i for i, other in enumerate(others) if others[:i].count(other) > turn)
        waiting.insert(next(later, len(others)), run_id)
        change_state(connection, run_id, "submitted", network=network, message="")
        _arrange(connection, waiting)


def cancel(run_id: str) -> bool:
    """Take a run out; returns whether it was there."""
    with writing() as connection:
        if not position(run_id):
            return False
        change_state(connection, run_id, "cancelled", place=None)
        return True


def move(run_id: str, by: int) -> None:
    """Move a run towards the end by `by` positions, or towards the front if `by` is negative."""
    with writing() as connection:
        waiting = ids()
        if run_id in waiting:
            index = waiting.index(run_id)
            waiting.insert(max(0, index + by), waiting.pop(index))
            _arrange(connection, waiting)


def _arrange(connection: Connection, waiting: Sequence[str]) -> None:
    for place, run_id in enumerate(waiting, 1):
        set_values(connection, run_id, place=place)
