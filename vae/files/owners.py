"""To whom models belong on a public server: `owners.json` next to the models made here.

A run has the same two facts in its own folder (`vae.runs.run`). They are kept in every mode and
only have an effect in public mode, see `vae.public`.
"""

import json
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from vae import settings
from vae.errors import WeightsError
from vae.storage import atomic_write

FILE = "owners.json"
"""{"mine": {"owner": "3f…", "shared": true}}; `vae.storage.registry_lock` is held for a change."""


class Ownership(NamedTuple):
    """To whom a run or a model belongs.

    Attributes:
        owner: the id of a visitor (`vae.public.identity`); empty: of nobody.
        shared: whether all visitors see it.
        ships: whether it comes with the app.
    """

    owner: str = ""
    shared: bool = False
    ships: bool = False


def model_ownership(name: str) -> Ownership:
    """To whom a model belongs that was made here: to nobody if that is not known."""
    try:
        return _ownership(_read().get(name))
    except WeightsError:
        return Ownership()


def save(name: str, ownership: Ownership, in_use: Collection[str]) -> None:
    """Save to whom the model of that name belongs; forget the names that nothing has any more.

    Args:
        name: of the model, which may not have been saved yet.
        ownership: of it.
        in_use: the names of all models and runs.

    Raises:
        WeightsError: if the file with the owners of the other models cannot be read.
        OSError: if it cannot be written.
    """
    before = _read()
    table = {other: entry for other, entry in before.items() if other != name and other in in_use}
    if ownership != Ownership():
        table[name] = {"owner": ownership.owner, "shared": ownership.shared}
    if table != before:
        settings.MODELS.mkdir(parents=True, exist_ok=True)
        atomic_write(settings.MODELS / FILE, json.dumps(table, indent=2))


def _ownership(entry: Any) -> Ownership:
    owner = entry.get("owner") if isinstance(entry, dict) else None
    if not isinstance(owner, str):
        return Ownership()
    return Ownership(owner, entry.get("shared") is True)


def _read() -> dict[str, Any]:
    path = settings.MODELS / FILE
    try:
        about = path.stat()
    except FileNotFoundError:
        return {}
    except OSError:
        raise _unreadable(path) from None
    return _read_again(path, about.st_mtime_ns, about.st_ino)


@lru_cache(maxsize=16)
def _read_again(path: Path, changed: int, inode: int) -> dict[str, Any]:
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise _unreadable(path)
    return table


def _unreadable(path: Path) -> WeightsError:
    return WeightsError(f"{path.name} cannot be read; delete or repair it.")
