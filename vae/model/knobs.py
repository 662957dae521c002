"""The names that people give to a model's latent knobs, such as "slant" for z3.

They are in the model's file. Those of a model that ships are in `BESIDE` in the folder of the
models made here, since its own file stays as it is.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from vae import settings
from vae.errors import WeightsError
from vae.storage import atomic_write

BESIDE = "knob_names.json"
"""{"conv": {"3": "slant"}}; `vae.storage.registry_lock` is held while it is changed."""

MAX_KNOB_NAME = 20
"""Characters of a latent knob's name."""


def check_names(names: Any, z_dim: int) -> dict[int, str]:
    """The names of latent dimensions in a file, {"3": "slant"}, as {3: "slant"}.

    Raises:
        WeightsError: if they are not a table, one is not fit (see `check_name`), or it
            belongs to no dimension or is there twice.
    """
    if not isinstance(names, dict):
        raise WeightsError("its knob_names are not a table of dimensions and names.")
    dimensions = {str(i): i for i in range(z_dim)}
    if unknown := names.keys() - dimensions.keys():
        raise WeightsError(f"its knob_names have {min(unknown)!r:.60}, which is no dimension of z.")
    checked = {dimensions[key]: check_name(name) for key, name in names.items()}
    if len(set(checked.values())) < len(checked):
        raise WeightsError("two of its knob_names are the same.")
    return checked


def check_name(name: Any) -> str:
    """`name` if a latent knob may be called so: it has 1 to `MAX_KNOB_NAME` letters, digits,
    spaces, hyphens and apostrophes. Pages show it as Markdown, in which these mean themselves.

    Raises:
        WeightsError: otherwise.
    """
    if (
        not isinstance(name, str)
        or not 1 <= len(name) <= MAX_KNOB_NAME
        or name != name.strip()
        or not all(unicodedata.category(c)[0] in "LMN" or c in " -'" for c in name)
        or not any(unicodedata.category(c)[0] in "LN" for c in name)
    ):
        raise WeightsError(
            f"A knob's name is 1 to {MAX_KNOB_NAME} letters, digits, spaces and hyphens; "
            f"{name!r:.60} is not."
        )
    return name


def changed(names: Mapping[int, str], dimension: int, name: str) -> dict[int, str]:
    """`names` with this one for the dimension; with none for it if the name is empty.

    Raises:
        WeightsError: if the name is not fit, or another dimension has it.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    others = {i: other for i, other in names.items() if i != dimension}
    if not name:
        return others
    check_name(name)
    if taken := [i for i, other in others.items() if other == name]:
        raise WeightsError(f"z{taken[0]} is called {name!r} already.")
    return dict(sorted({**others, dimension: name}.items()))


def read_beside(model_name: str, z_dim: int) -> dict[int, str] | None:
    """The names given here to the knobs of a model that ships; None if there are none.

    Also if they cannot be read: the model can be used without, and `save_beside` reports it.
    """
    try:
        names = _read().get(model_name)
        return None if names is None else check_names(names, z_dim)
    except WeightsError:
        return None


def save_beside(model_name: str, names: Mapping[int, str]) -> None:
    """Keep names for the knobs of a model that ships.

    Raises:
        WeightsError: if the file with those of the other models cannot be read.
        OSError: if it cannot be written.
    """
    table = _read() | {model_name: dict(names)}
    settings.MODELS.mkdir(parents=True, exist_ok=True)
    atomic_write(settings.MODELS / BESIDE, json.dumps(table, indent=2))


def _read() -> dict[str, Any]:
    path = settings.MODELS / BESIDE
    try:
        table = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise WeightsError(f"{path} cannot be read; delete or repair it.")
    return table
