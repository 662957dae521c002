"""What visitors start and add, within their quotas, and what a teacher can do with all of it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from vae.database import writing
from vae.errors import OwnershipError, QuotaError, RunError, WeightsError
from vae.files import registry, uploads, weights
from vae.files.owners import Ownership, all_ownerships
from vae.params import Params
from vae.public import quotas
from vae.public.identity import Visitor
from vae.runs import store
from vae.runs.run import Run
from vae.runs.states import ACTIVE
from vae.runs.store import Summary


class Outcome(NamedTuple):
    """What became of an action on many runs and models.

    Attributes:
        done: with how many it succeeded.
        problems: why it failed with others, a sentence for each.
    """

    done: int
    problems: list[str]


def start(
    visitor: Visitor, params: Params, name: str, paused: bool, announced: Collection[str] = ()
) -> tuple[Run, list[Summary]]:
    """A new run of a visitor, put into the queue, and the runs that were deleted for it.

    One that cannot be deleted stays, and has to go before the next start.

    Args:
        visitor: who starts it.
        params: what it trains.
        name: of its model.
        paused: as in `vae.runs.store.create`.
        announced: the ids of the runs of which the visitor knows that they will be deleted.

    Raises:
        QuotaError: if the visitor has too much, or a run would be deleted without notice.
        VAELabError: as `vae.runs.store.create`.
    """
    if visitor.teacher:
        return store.start(params, name, paused, visitor.id), []
    with writing():  # What is counted stays as it is.
        used = quotas.usage(visitor)
        quotas.check_params(params)
        quotas.check_one_more(used)
        evicted = quotas.to_evict(used)
        if not {summary.run_id for summary in evicted} <= set(announced):
            raise QuotaError("Your runs have changed. See below which run this would delete.")
        run = store.start(params, name, paused, visitor.id, visitor.network)
        return run, [summary for summary in evicted if _is_deleted(summary)]


def resume(visitor: Visitor, run: Run, target_epochs: int = 0) -> None:
    """Continue a run; see `Run.resume`.

    Raises:
        QuotaError: if the visitor has too many runs that train, or the training is too large.
        RunError: as `Run.resume`.
    """
    with _continued(visitor, run, target_epochs):
        run.resume(target_epochs, visitor.network)


def single_step(visitor: Visitor, run: Run) -> None:
    """Take one step of a run; see `Run.single_step`.

    Raises:
        QuotaError: as `resume`.
        RunError: as `Run.single_step`.
    """
    with _continued(visitor, run):
        run.single_step(visitor.network)


def set_target(visitor: Visitor, run: Run, epochs: int) -> None:
    """Set how many epochs there are to be in all.

    Raises:
        QuotaError: if the training is too large then.
        RunError: as `Run.request`.
    """
    if not visitor.teacher:
        _check_size(run, epochs)
    run.request(target_epochs=epochs)


def upload(visitor: Visitor, content: bytes, name: str) -> None:
    """Add an uploaded model; see `vae.files.uploads.receive`.

    Raises:
        QuotaError: if it is too large, or the visitor has too much or uploads too often.
        WeightsError: as `receive`.
    """
    if visitor.teacher:
        uploads.receive(content, name, visitor.id)
        return
    quotas.check_upload(visitor, quotas.usage(visitor), len(content))
    model = uploads.uploaded(content, name)  # It takes long, so others do not wait for it.
    with writing():
        quotas.check_models(quotas.usage(visitor))
        registry.add(model, name, visitor.id)


def publish(visitor: Visitor, run: Run, which: Path, name: str) -> None:
    """Add a model of a run to the models; see `Run.publish`.

    Raises:
        QuotaError: if the visitor has too many models.
        WeightsError: as `Run.publish`.
    """
    if visitor.teacher:
        run.publish(which, name)
        return
    model = weights.load(which)
    with writing():
        quotas.check_models(quotas.usage(visitor))
        quotas.check_room()
        registry.add(model, name, run.ownership.owner)


def stop_all(visitor: Visitor) -> Outcome:
    """Stop the runs of all that wait, train or pause.

    Raises:
        OwnershipError: unless the visitor is a teacher.
    """
    _check_teacher(visitor)
    found = [s.run for s in store.summaries() if s.run and s.state in (*ACTIVE, "paused")]
    return _each((run.id, run.stop) for run in found)


def clear(visitor: Visitor) -> Outcome:
    """Delete the runs and the models of all other visitors.

    Runs that are being trained are stopped only; they and their models are among the problems.

    Raises:
        OwnershipError: unless the visitor is a teacher.
    """
    _check_teacher(visitor)

    def of_others(ownership: Ownership) -> bool:
        return ownership.owner not in ("", visitor.id)

    runs = [run_id for run_id, whose in store.ownerships().items() if of_others(whose)]
    for run_id in runs:
        with suppress(RunError):  # A damaged one cannot be stopped.
            store.get(run_id).stop()
    models = [
        name
        for name, whose in all_ownerships().items()
        if of_others(whose) and name in registry.available()
    ]
    return _each(
        [
            *((run_id, partial(store.delete, run_id)) for run_id in runs),
            *((name, partial(registry.delete, name)) for name in models),
        ]
    )


def _each(acts: Iterable[tuple[str, Callable[[], None]]]) -> Outcome:
    """Carry out all of these acts, each on what has that name, whichever of them fail."""
    done, problems = 0, []
    for name, act in acts:
        try:
            act()
        except (RunError, WeightsError) as error:
            problems.append(f"{name}: {error}")
        else:
            done += 1
    return Outcome(done, problems)


def _is_deleted(summary: Summary) -> bool:
    """Delete a run; whether that succeeded."""
    try:
        store.delete(summary.run_id)
    except RunError:
        return False
    return True


def _check_size(run: Run, epochs: int) -> None:
    quotas.check_params(run.params.model_copy(update={"epochs": epochs}))


def _check_teacher(visitor: Visitor) -> None:
    if not visitor.teacher:
        raise OwnershipError("Only a teacher can do that.")


@contextmanager
def _continued(visitor: Visitor, run: Run, target_epochs: int = 0) -> Iterator[None]:
    """Within it a run is put into the queue again, unless the visitor has too much."""
    if visitor.teacher:
        yield
        return
    with writing():
        status = run.status()
        _check_size(run, target_epochs or status.target_epochs)
        if status.state in quotas.OVER:
            quotas.check_active(quotas.usage(visitor))
            quotas.check_room()
        yield
