"""All runs: to create them, to find them, and to see them at a glance."""

import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy
from sqlalchemy import insert, select

from vae import settings
from vae.database import reading, runs, writing
from vae.errors import RunError, os_errors_as
from vae.files import owners, registry
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX
from vae.model.training_size import check_size
from vae.params import Params
from vae.presets import PRESETS
from vae.runs import queue, shipped
from vae.runs.rows import has_worker, present_state, row_of
from vae.runs.run import Run
from vae.runs.states import State
from vae.storage import file_lock

_NOBODYS = Ownership()


@dataclass(frozen=True)
class Summary:
    """A run in one line of a list.

    Attributes:
        run_id: its id.
        run: the run; None if it cannot be read.
        state: as in `Status`; `failed` if it cannot be read.
        figures: the last finished epoch's entry of its history; empty if there is none.
        problem: why it cannot be read, in a sentence; empty if it can.
        ships: whether it comes with the app, so that it cannot be deleted.
        bytes: of its files and snapshots.
        ownership: to whom it belongs.
    """

    run_id: str
    run: Run | None
    state: State
    figures: dict[str, int | float] = field(default_factory=dict)
    problem: str = ""
    ships: bool = False
    bytes: int = 0
    ownership: Ownership = _NOBODYS


def list_ids() -> list[str]:
    """The ids of all runs made here, the newest first."""
    with reading() as connection:
        return [*connection.scalars(select(runs.c.id).order_by(runs.c.number.desc()))]


def all_ids() -> list[str]:
    """The ids of all runs, the newest first, then of those that come with the app."""
    return [*list_ids(), *shipped.names()]


def get(run_id: str) -> Run:
    """The run with that id; it may be one that comes with the app.

    Raises:
        RunError: if there is none that can be read.
    """
    if run_id in shipped.names():
        return shipped.ShippedRun(run_id)
    return Run(row_of(run_id))


def ownerships() -> dict[str, Ownership]:
    """To whom each run belongs, in the order of `all_ids`."""
    query = select(runs.c.id, runs.c.owner, runs.c.shared).order_by(runs.c.number.desc())
    with reading() as connection:
        own = {run_id: Ownership(*whose) for run_id, *whose in connection.execute(query)}
    return own | dict.fromkeys(shipped.names(), Ownership(ships=True))


def ownership(run_id: str) -> Ownership:
    """To whom a run belongs; to nobody if it is missing."""
    if run_id in PRESETS:
        return Ownership(ships=True)
    query = select(runs.c.owner, runs.c.shared).where(runs.c.id == run_id)
    with reading() as connection:
        row = connection.execute(query).one_or_none()
    return Ownership(*row) if row else Ownership()


def create(
    params: Params,
    name: str,
    out: Path | None = None,
    queued: bool = False,
    paused: bool = False,
    replaces: bool = False,
    owner: str = "",
    network: str = "",
) -> Run:
    """A new run that has no worker yet.

    Args:
        params: what it trains.
        name: of its model.
        out: where that is saved besides the run's folder; by default, where the model picker
            finds it. Then the name must be free.
        queued: whether it waits for a worker.
        paused: whether it waits, before its first step, for `single_step` or `resume`.
        replaces: whether a file at `out` may be replaced that the run did not write.
        owner: the visitor to whom it and its model belong, if to one.
        network: as in `vae.runs.queue.submit`.

    Raises:
        RunError: if it cannot be written.
        WeightsError: if the name is not fit for a model, or taken.
        ParamsError: if the model or its training is too large.
    """
    registry.check_name(name)
    check_size(params)
    with os_errors_as(RunError, "The run cannot be started"), writing() as connection:
        if not out:
            registry.check_free(name)
            owners.save(name, Ownership(owner))
        file = (out or settings.MODELS / f"{name}{SUFFIX}").resolve()
        run_id = _new_id(name)
        connection.execute(
            insert(runs).values(
                id=run_id,
                name=name,
                params=params.to_json(),
                out=str(file),
                replaces=replaces,
                title=name,
                owner=owner,
                state="stopped",
                desired_state="pause" if paused else "run",
            )
        )
        (settings.RUNS / run_id).mkdir(parents=True, exist_ok=True)
        if queued:
            queue.submit(run_id, network)
    return get(run_id)


def start(
    params: Params, name: str, paused: bool = False, owner: str = "", network: str = ""
) -> Run:
    """A new run, put into the queue; see `create`."""
    return create(params, name, queued=True, paused=paused, owner=owner, network=network)


def summaries(
    included: Callable[[Ownership], bool] | None = None, ids: Collection[str] | None = None
) -> list[Summary]:
    """Runs that were made here, the newest first; quick even if there are thousands.

    Args:
        included: which runs, by their ownership; all by default.
        ids: of the runs; by default of all.
    """
    query = select(runs).order_by(runs.c.number.desc())
    with reading() as connection:
        rows = [*connection.execute(query if ids is None else query.where(runs.c.id.in_(ids)))]
    found = []
    for row in rows:
        whose = Ownership(row.owner, row.shared)
        if included and not included(whose):
            continue
        about = {"bytes": row.bytes, "ownership": whose}
        try:
            found.append(Summary(row.id, Run(row), present_state(row), row.figures, **about))
        except RunError as error:
            found.append(Summary(row.id, None, "failed", problem=str(error), **about))
    return found


def delete(run_id: str) -> None:
    """Delete a run and its files; a model that was saved from it stays.

    A worker takes a run's lock in a transaction, too, and only if the run is there: a run that is
    just being handed out is either working, or gone for that worker too.

    Raises:
        RunError: if there is none, it has a worker, or it cannot be deleted.
    """
    folder = settings.RUNS / run_id
    hidden = folder.with_name(f".deleted-{run_id}")
    with os_errors_as(RunError, "The run cannot be deleted"):
        with writing() as connection:
            row_of(run_id)
            if has_worker(run_id):
                raise RunError("It is being trained; stop it first.")
            if folder.exists():
                with file_lock(folder / "lock", seconds=1):
                    folder.rename(hidden)
            connection.execute(sqlalchemy.delete(runs).where(runs.c.id == run_id))
        shutil.rmtree(hidden, ignore_errors=True)


def shipped_summaries() -> list[Summary]:
    """The trainings of the models that come with the app."""
    found, whose = [], Ownership(ships=True)
    for name in shipped.names():
        try:
            run = shipped.ShippedRun(name)
        except RunError as error:
            problem = str(error)
            found.append(
                Summary(name, None, "failed", problem=problem, ships=True, ownership=whose)
            )
        else:
            found.append(Summary(name, run, "finished", run.figures, ships=True, ownership=whose))
    return found


def _new_id(name: str) -> str:
    """The name and the present time, or the second after the newest run if that is later."""
    now, format_ = time.time(), "%Y%m%d-%H%M%S"
    if newest := next(iter(list_ids()), ""):
        stamp = "-".join(newest.rsplit("-", 2)[1:])
        now = max(now, time.mktime(time.strptime(stamp, format_)) + 1)
    return f"{name}-{time.strftime(format_, time.localtime(now))}"
