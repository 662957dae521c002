"""What the visitor sees, and the actions that only the owner of a run or model can carry out."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ui.public.visitor import current
from ui.shared.callbacks import try_action
from vae import settings
from vae.files import registry
from vae.files.owners import Ownership
from vae.public import access
from vae.runs import store
from vae.runs.run import Run
from vae.runs.store import Summary

_SHORT_ID = 6
"""Characters of an id that are shown."""


def runs(ids: Collection[str] | None = None) -> list[Summary]:
    """The runs that the visitor sees, as `vae.runs.store.summaries`."""
    return access.summaries(current(), ids)


def run_ids() -> list[str]:
    """The ids of the runs that the visitor sees, the newest first, then of those that ship."""
    return access.run_ids(current())


def run_choice() -> list[str]:
    """The same for a choice of one: in public mode those of other visitors come last."""
    if not settings.public():
        return run_ids()
    visitor, owners = current().id, store.ownerships()

    def rank(run_id: str) -> int:
        ownership = owners.get(run_id, Ownership())
        return 0 if ownership.owner == visitor else 1 if ownership.ships else 2

    return sorted(run_ids(), key=rank)


def run(run_id: str) -> Run:
    """The run with that id.

    Raises:
        RunError: if there is none that the visitor sees and that can be read.
    """
    return access.run(current(), run_id)


def models() -> dict[str, Path]:
    """The files of the models that the visitor sees, by their names."""
    return access.models(current())


def owner_of(ownership: Ownership, names: Mapping[str, str]) -> str:
    """To whom something belongs, in words for this visitor: "you", "Anna", "visitor 3f9a21".

    Args:
        ownership: of it.
        names: as `vae.public.names.all_names`.
    """
    if not ownership.owner:
        return "" if ownership.ships else "nobody"
    if ownership.owner == current().id:
        return "you"
    return names.get(ownership.owner, f"visitor {ownership.owner[:_SHORT_ID]}")


def may_change_run(run_id: str) -> bool:
    """Whether the visitor has the right to change it; its state may still prevent that."""
    return access.may_change(current(), store.ownership(run_id))


def may_change_model(name: str) -> bool:
    """Whether the visitor may change it, as `may_change_run`."""
    return access.may_change(current(), registry.ownership(name))


def may_order_queue() -> bool:
    """Whether the visitor may change the order of the runs that wait."""
    return current().teacher


def change_run(run_id: str, act: Callable[..., Any], *arguments: Any, **how: Any) -> None:
    """`try_action`, if the visitor may change the run when the button is pressed.

    A browser can press a button that is disabled or no longer there.
    """
    try_action(_checked(access.check_run, act, run_id), *arguments, **how)


def change_runs(run_ids: Sequence[str], act: Callable[[str], Any], **how: Any) -> None:
    """The same for several runs, by their ids; the first that cannot be changed ends it."""

    def each() -> None:
        for run_id in run_ids:
            _checked(access.check_run, act, run_id)(run_id)

    try_action(each, **how)


def change_model(name: str, act: Callable[..., Any], *arguments: Any, **how: Any) -> None:
    """The same for a model."""
    try_action(_checked(access.check_model, act, name), *arguments, **how)


def change_queue(act: Callable[..., Any], *arguments: Any, **how: Any) -> None:
    """The same for the order of the queue."""
    try_action(_checked(access.check_queue, act), *arguments, **how)


def _checked(check: Callable[..., None], act: Callable[..., Any], *of: str) -> Callable[..., Any]:
    """The action, before which it is checked whether the visitor may change that."""

    def checked(*arguments: Any) -> None:
        check(current(), *of)
        act(*arguments)

    return checked
