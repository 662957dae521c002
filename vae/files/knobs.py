"""The names of a model's latent knobs, such as "slant" for z3: the entry of its file."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from vae.errors import WeightsError

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
