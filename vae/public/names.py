"""The names that visitors have given themselves, for those who see their runs."""

from sqlalchemy import delete, insert, select

from vae.database import reading, visitors, writing
from vae.errors import OwnershipError, QuotaError
from vae.public.identity import Visitor
from vae.public.rates import is_allowed

MAX_NAME = 40
"""Characters."""


def all_names() -> dict[str, str]:
    """The name of each visitor who has one, by the id.

    Raises:
        DatabaseError: if the database cannot be read.
    """
    with reading() as connection:
        return {row.id: row.name for row in connection.execute(select(visitors))}


def set_name(visitor: Visitor, name: str) -> None:
    """Give a visitor a name; an empty one takes it away.

    Raises:
        OwnershipError: if it is too long or cannot be printed.
        QuotaError: if there are too many names from one network.
        DatabaseError: if it cannot be written.
    """
    if not is_allowed("300/hour", "names", visitor.network):
        raise QuotaError("Too many names from this network. Try again later.")
    name = " ".join(name.split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise OwnershipError(f"A name has at most {MAX_NAME} characters, all of them printable.")
    with writing() as connection:
        connection.execute(delete(visitors).where(visitors.c.id == visitor.id))
        if name:
            connection.execute(insert(visitors).values(id=visitor.id, name=name))
