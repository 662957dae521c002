"""The row of a run in the database: the only module that changes its state.

A worker holds a lock of the operating system, the file `lock` in the run's folder, as long as it
lives. The kernel releases it however the process ends, on any machine that shares the folder. A
lease that a worker has to renew would mistake a stopped process for a dead one, and later two
workers would train the same run.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, select, update

from vae import settings
from vae.database import reading, runs
from vae.errors import ParamsError, RunError
from vae.params import Params
from vae.runs.states import WORKING, State, next_state
from vae.storage import is_locked


def missing(run_id: str) -> RunError:
    """The error that there is no such run."""
    return RunError(f"There is no run {run_id[:80]!r}.")


def row_of(run_id: str) -> "Row[Any]":
    """The row of a run.

    Raises:
        RunError: if there is none.
        DatabaseError: if the database cannot be read.
    """
    with reading() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise missing(run_id)
    return row


def params_of(row: "Row[Any]") -> Params:
    """The parameters in a row.

    Raises:
        RunError: if they are not valid in this version of the app.
    """
    try:
        return _parsed(row.params)
    except ParamsError as error:
        raise RunError(f"The run {row.id} cannot be read: {error}") from error


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> Params:
    return Params.from_json(text)


def has_worker(run_id: str) -> bool:
    """Whether a process works on a run."""
    return is_locked(settings.RUNS / run_id / "lock")


def present_state(row: "Row[Any]") -> State:
    """The state of a run now, of which this is a row that was just read.

    Raises:
        RunError: if it was deleted meanwhile.
    """
    state: State = row.state
    if state == "queued":
        return "starting" if has_worker(row.id) else "queued"
    if state not in WORKING or has_worker(row.id):
        return state
    again = row_of(row.id)  # It may have ended since the row was read.
    return "killed" if again.state == state else present_state(again)


def change_state(connection: Connection, run_id: str, trigger: str, **values: Any) -> State:
    """Let a run change its state as that trigger does, and set other columns.

    Returns:
        The state after it.

    Raises:
        RunError: if there is no such run, or this cannot happen in its state.
    """
    state = connection.scalar(select(runs.c.state).where(runs.c.id == run_id))
    if state is None:
        raise missing(run_id)
    target = next_state(state, trigger)
    if target is None:
        raise RunError(f"The run {run_id} cannot be {trigger.replace('_', ' ')}: it is {state}.")
    set_values(connection, run_id, state=target, **values)
    return target


def set_values(connection: Connection, run_id: str, **values: Any) -> None:
    """Set columns of a run."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
