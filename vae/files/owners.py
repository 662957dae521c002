"""To whom models belong on a public server, as the database knows it.

It is kept in every mode and only has an effect in public mode, see `vae.public`.
"""

from typing import NamedTuple

from sqlalchemy import delete, insert, select

from vae.database import models, reading, writing


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


def all_ownerships() -> dict[str, Ownership]:
    """To whom the models belong that were made here; a model that is not there, to nobody.

    Raises:
        DatabaseError: if the database cannot be read.
    """
    with reading() as connection:
        rows = connection.execute(select(models.c.name, models.c.owner, models.c.shared))
        return {name: Ownership(owner, shared) for name, owner, shared in rows}


def model_ownership(name: str) -> Ownership:
    """To whom a model belongs that was made here: to nobody if that is not known."""
    return all_ownerships().get(name, Ownership())


def save(name: str, ownership: Ownership | None) -> None:
    """Save to whom the model of that name belongs, which may not have been saved yet.

    Args:
        name: of the model.
        ownership: of it; None: there is no such model any more.

    Raises:
        DatabaseError: if that cannot be written.
    """
    with writing() as connection:
        connection.execute(delete(models).where(models.c.name == name))
        if ownership:
            row = {"name": name, "owner": ownership.owner, "shared": ownership.shared}
            connection.execute(insert(models).values(row))
