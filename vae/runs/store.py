"""All runs: to create them, to find them, and to see them at a glance."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vae import settings
from vae.errors import RunError, os_error_message
from vae.files import registry
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX
from vae.model.training_size import check_size
from vae.params import Params
from vae.presets import PRESETS
from vae.runs import control, queue, shipped
from vae.runs import run as runs
from vae.runs.run import Run, delete, has_worker, pinned
from vae.runs.states import State
from vae.runs.status import derive_state
from vae.runs.summary import short_history
from vae.storage import atomic_write, registry_lock

__all__ = [
    "Summary",
    "all_ids",
    "create",
    "delete",
    "free_name",
    "get",
    "has_worker",
    "list_ids",
    "missing",
    "name_of",
    "ownership",
    "pinned",
    "shipped_summaries",
    "start",
    "summaries",
]

list_ids = registry.run_ids
name_of = registry.run_name
free_name = registry.free_name


@dataclass(frozen=True)
class Summary:
    """A run in one line of a list.

    Attributes:
        run_id: its id.
        run: the run; None if its folder is damaged.
        state: as in `Status`; `failed` for a damaged one.
        figures: the last finished epoch's entry of its history; empty if there is none.
        problem: why it cannot be read, in a sentence; empty if it can.
        ships: whether it comes with the app, so that it cannot be deleted.
    """

    run_id: str
    run: Run | None
    state: State
    figures: dict[str, int | float] = field(default_factory=dict)
    problem: str = ""
    ships: bool = False


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
    try:
        named = run_id == Path(run_id).name and not run_id.startswith(".")
        exists = named and bool(run_id) and (settings.RUNS / run_id).is_dir()
    except (OSError, ValueError):  # A name that no file can have.
        exists = False
    if not exists:
        raise missing(run_id)
    return Run(settings.RUNS / run_id)


def missing(run_id: str) -> RunError:
    """The error that there is no such run."""
    return RunError(f"There is no run {run_id[:80]!r}.")


def ownership(run_id: str) -> Ownership:
    """To whom a run belongs; to nobody if it is missing or damaged."""
    return Ownership(ships=True) if run_id in PRESETS else runs.ownership(run_id)


def create(
    params: Params,
    name: str,
    out: Path | None = None,
    queued: bool = False,
    paused: bool = False,
    replaces: bool = False,
    owner: str = "",
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

    Raises:
        RunError: if the folder cannot be written.
        WeightsError: if the name is not fit for a model, or taken.
        ParamsError: if the model or its training is too large.
    """
    registry.check_name(name)
    check_size(params)
    try:
        with registry_lock():
            if not out:
                registry.check_free(name)
            settings.RUNS.mkdir(parents=True, exist_ok=True)
            now = time.strftime("%Y%m%d-%H%M%S")
            newest = max(map(registry.run_time, list_ids()), default="")
            folder = settings.RUNS / f"{name}-{now if now > newest else _second_after(newest)}"
            new = folder.with_name(f".{folder.name}")  # Renamed when it is complete.
            new.mkdir(exist_ok=True)
            file = (out or settings.MODELS / f"{name}{SUFFIX}").resolve()
            about = {"title": name, "out": str(file), "replaces": replaces}
            if owner:
                about["owner"] = owner
            atomic_write(new / "about.json", json.dumps(about))
            atomic_write(new / "params.json", params.to_json())
            if paused:
                control.change(new, desired_state="pause")
            if not out:
                registry.assign(name, Ownership(owner))
            new.rename(folder)
            if queued:
                try:
                    queue.submit(folder.name)
                except OSError:
                    folder.rename(new)  # Or its name would stay taken.
                    shutil.rmtree(new, ignore_errors=True)
                    raise
    except OSError as error:
        raise RunError(os_error_message("The run cannot be started", error)) from error
    return Run(folder)


def start(params: Params, name: str, paused: bool = False, owner: str = "") -> Run:
    """A new run, put into the queue; see `create`."""
    return create(params, name, queued=True, paused=paused, owner=owner)


def summaries(included: Callable[[Ownership], bool] | None = None) -> list[Summary]:
    """All runs, the newest first; quick even if there are thousands.

    Args:
        included: which runs, by their ownership; all by default.
    """
    waiting, found = queue.ids(), []
    for run_id in list_ids():
        if included and not included(ownership(run_id)):
            continue
        folder = settings.RUNS / run_id
        try:
            run = Run(folder)
        except RunError as error:
            if folder.exists():  # It may have been deleted since it was listed.
                found.append(Summary(run_id, None, "failed", problem=str(error)))
            continue
        working = has_worker(run_id)
        history = short_history(folder, working)
        position = waiting.index(run_id) + 1 if run_id in waiting else 0
        state, _ = derive_state(folder, history, control.read(folder), working, position)
        found.append(Summary(run_id, run, state, history.epochs[-1] if history.epochs else {}))
    return found


def shipped_summaries() -> list[Summary]:
    """The trainings of the models that come with the app."""
    found = []
    for name in shipped.names():
        try:
            run = shipped.ShippedRun(name)
        except RunError as error:
            found.append(Summary(name, None, "failed", problem=str(error), ships=True))
        else:
            found.append(Summary(name, run, "finished", run.figures, ships=True))
    return found


def _second_after(stamp: str) -> str:
    """For a run created in the same second as another, or after the clock was set back."""
    try:
        later = time.mktime(time.strptime(stamp, "%Y%m%d-%H%M%S")) + 1
    except (ValueError, OverflowError):
        return time.strftime("%Y%m%d-%H%M%S")
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(later))
