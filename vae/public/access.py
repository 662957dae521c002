"""The one rule of who sees and who changes a run or a model, and what a visitor sees by it."""

from collections.abc import Collection
from pathlib import Path

from vae.errors import OwnershipError, WeightsError
from vae.files import registry
from vae.files.owners import Ownership, all_ownerships
from vae.public.identity import Visitor
from vae.runs import store
from vae.runs.rows import missing
from vae.runs.run import Run
from vae.runs.store import Summary


def may_see(visitor: Visitor, ownership: Ownership) -> bool:
    """Whether the visitor sees what belongs so: their own, what is shared, what ships.

    What belongs to nobody is from the time before public mode or from the terminal, where nobody
    agreed to show it; a teacher can share it.
    """
    return ownership.ships or ownership.shared or may_change(visitor, ownership)


def may_change(visitor: Visitor, ownership: Ownership) -> bool:
    """Whether the visitor may change what belongs so: the owner may, and a teacher."""
    return visitor.teacher or ownership.owner == visitor.id


def run_ids(visitor: Visitor) -> list[str]:
    """The ids of the runs that the visitor sees, as `vae.runs.store.all_ids`."""
    if visitor.teacher:
        return store.all_ids()
    return [i for i, whose in store.ownerships().items() if may_see(visitor, whose)]


def summaries(visitor: Visitor, ids: Collection[str] | None = None) -> list[Summary]:
    """The runs that the visitor sees, as `vae.runs.store.summaries`."""
    return store.summaries(lambda ownership: may_see(visitor, ownership), ids)


def run(visitor: Visitor, run_id: str) -> Run:
    """The run with that id, if the visitor sees it.

    Raises:
        RunError: as `vae.runs.store.get`, also for one that they do not see.
    """
    if not may_see(visitor, store.ownership(run_id)):
        raise missing(run_id)
    return store.get(run_id)


def models(visitor: Visitor) -> dict[str, Path]:
    """The models that the visitor sees, as `vae.files.registry.available`."""
    found = registry.available()
    if visitor.teacher:
        return found
    of = all_ownerships()
    return {
        name: path
        for name, path in found.items()
        if registry.is_shipped_file(path) or may_see(visitor, of.get(name, Ownership()))
    }


def model(visitor: Visitor, name: str) -> Path:
    """The file of the model of that name.

    Raises:
        WeightsError: if there is none that the visitor sees.
    """
    try:
        return models(visitor)[name]
    except KeyError:
        raise WeightsError(f"There is no model {name!r} any more.") from None


def check_run(visitor: Visitor, run_id: str) -> None:
    """Refuse a change of a run that the visitor may not change.

    Raises:
        RunError: if they do not see it.
        OwnershipError: if it belongs to somebody else.
    """
    ownership = store.ownership(run_id)
    if not may_see(visitor, ownership):
        raise missing(run_id)
    if not may_change(visitor, ownership):
        raise OwnershipError("This run belongs to somebody else, who alone can change it.")


def check_model(visitor: Visitor, name: str) -> None:
    """Refuse a change of a model that the visitor may not change.

    Raises:
        OwnershipError: if it belongs to somebody else, or ships and the visitor is no teacher.
    """
    ownership = registry.ownership(name)
    if not may_change(visitor, ownership):
        whose = "comes with the app" if ownership.ships else "belongs to somebody else"
        raise OwnershipError(f"The model {name!r} {whose}: you cannot change it.")


def check_queue(visitor: Visitor) -> None:
    """Refuse a change of the order of the queue, which concerns the runs of others too.

    Raises:
        OwnershipError: unless the visitor is a teacher.
    """
    if not visitor.teacher:
        raise OwnershipError("Only a teacher can change the order of the queue.")
