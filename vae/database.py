"""The database: all that is known of runs and models, except what is in their files.

It is SQLite, `lab.sqlite` in the home folder, or PostgreSQL by VAE_DATABASE, where several machines
share it. The tables below are its documentation; `vae/migrations` makes them, when it is opened.

One transaction writes at a time, as SQLite has it. PostgreSQL does the same by an advisory lock. So
what a transaction has read stays true until it ends: code that reserves a name or counts a quota
needs `writing` and no other lock.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from vae import settings
from vae.errors import DatabaseError
from vae.storage import file_lock

FILE = "lab.sqlite"

MIGRATIONS = settings.ROOT / "vae" / "migrations"
SCHEMA = "0001"
"""The newest of its revisions."""

PATIENCE = 60
"""Seconds for which a transaction waits for another one to end."""

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process has used it for too long",
    sqlite3.SQLITE_FULL: "No space left on device",
    sqlite3.SQLITE_READONLY: "Read-only file system",
}

_opened: dict[str, Engine] = {}
_opening = Lock()

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, comment="in the order of their creation"),
    Column("id", String(64), nullable=False, unique=True, comment="name-YYYYmmdd-HHMMSS"),
    Column("name", String(40), nullable=False, index=True, comment="of its model"),
    Column("params", Text, nullable=False, comment="JSON of `vae.params.Params`"),
    Column("out", Text, nullable=False, comment="the second file of its model"),
    Column("replaces", Boolean, nullable=False, comment="whether it may replace that of another"),
    # What people say about it
    Column("title", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("owner", String(64), nullable=False, default="", index=True, comment="id of a visitor"),
    Column("shared", Boolean, nullable=False, default=False, comment="whether all see it"),
    Column("pinned", Boolean, nullable=False, default=False, comment="whether the owner keeps it"),
    # What is requested of it: `vae.runs.control`
    Column("desired_state", String(8), nullable=False, default="run"),
    Column("target_epochs", Integer, nullable=False, default=0, comment="0: as in params"),
    Column("single_steps", Integer, nullable=False, default=0, comment="ever"),
    Column("live_params", JSON, nullable=False, default={}),
    # What became of it: only `vae.runs.states` changes the state
    Column("state", String(16), nullable=False),
    Column("message", Text, nullable=False, default="", comment="how it ended, in a sentence"),
    Column("place", Integer, index=True, comment="in the queue; null: it does not wait"),
    Column("network", Text, nullable=False, default="", comment="from which it was submitted"),
    Column("pid", Integer, comment="of its last worker"),
    Column("host", Text, nullable=False, default="", comment="of its last worker"),
    Column("workers", Integer, nullable=False, default=0, comment="how many have started it"),
    Column("cuts", Integer, nullable=False, default=0, comment="how often its end was cut off"),
    Column("seconds", Float, nullable=False, default=0.0, comment="of its workers' time"),
    Column("epochs", Integer, nullable=False, default=0, comment="how many there are to be"),
    Column("checkpoint_epoch", Integer, comment="null: there is no checkpoint"),
    Column("checkpoint_step", Integer),
    Column("figures", JSON, nullable=False, default={}, comment="of its last epoch"),
    Column("bytes", Integer, nullable=False, default=0, comment="of its files and snapshots"),
    sqlite_autoincrement=True,  # A number is not used again.
)


def _of_a_run(name: str, *columns: Column[Any]) -> Table:
    """A table whose rows belong to a run, in the order of their ids, and go with it."""
    of_run = ForeignKey("runs.number", ondelete="CASCADE")
    run = Column("run", Integer, of_run, nullable=False, index=True)
    return Table(name, metadata, Column("id", Integer, primary_key=True), run, *columns)


points = _of_a_run(
    "points",
    *(Column(name, Integer, nullable=False) for name in ("epoch", "step", "steps")),
    *(Column(name, Float, nullable=False) for name in ("loss", "recon", "kl", "cls")),
    *(Column(name, Float, nullable=False) for name in ("examples_per_second", "consistency")),
)
"""The training curve: `vae.training.progress.Point`."""

epochs = _of_a_run(
    "epochs",
    Column("epoch", Integer, nullable=False, comment="0: before the training"),
    Column("figures", JSON, nullable=False, comment="an entry of `TrainedVAE.history`"),
    *(Column(name, JSON, nullable=False) for name in ("kl_per_dimension", "active", "confusion")),
)
"""Finished epochs, with their `vae.training.progress.Validation`."""

changes = _of_a_run(
    "changes",
    Column("epochs_done", Float, nullable=False),
    Column("param", String(40), nullable=False),
    Column("value", Float, nullable=False),
)
"""Parameters that were changed while it trained."""

problems = _of_a_run("problems", Column("message", Text, nullable=False))
"""What did not stop the training, but people should know."""

snapshots = _of_a_run(
    "snapshots",
    Column("epoch", Integer, nullable=False, comment="how many were finished"),
    Column("step", Integer, nullable=False, comment="how many of the next one were done"),
    Column("paused", Boolean, nullable=False, comment="until the next pause only"),
    Column("png", LargeBinary, nullable=False),
    Column("points", LargeBinary, comment="int16, two for each test image; null: unknown"),
    *(Column(name, Float, comment=f"of `LatentPoints.{name}`") for name in ("scale", "share")),
)
"""What the model drew and where test images lay in its latent space: `vae.runs.snapshots`."""

models = Table(
    "models",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(64), nullable=False, comment="id of a visitor; empty: nobody"),
    Column("shared", Boolean, nullable=False, comment="whether all see it"),
)
"""To whom models belong that were made here; of other models nothing is known."""

visitors = Table(
    "visitors",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False, comment="what they call themselves"),
)
"""Visitors of a public server who have given a name: `vae.public.names`."""


_joined: ContextVar[Connection | None] = ContextVar("joined", default=None)

_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7236)"}
"""How a transaction waits for its turn to write."""


@contextmanager
def writing(durable: bool = False) -> Iterator[Connection]:
    """A transaction that may write, or a part of the one that this thread is in already.

    Args:
        durable: whether all that was written so far survives a power cut when it ends. Without
            it the last writes may be lost, together, which saves a millisecond or more.

    Raises:
        DatabaseError: if the database cannot be written. Any error undoes the transaction, or
            this part of it.
    """
    if connection := _joined.get():
        with connection.begin_nested():
            yield connection
        return
    with _sentences(), engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])
        token = _joined.set(connection)
        try:
            yield connection
        finally:
            _joined.reset(token)
        connection.commit()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection that reads; within `writing`, the one that writes.

    Raises:
        DatabaseError: if the database cannot be read.
    """
    if connection := _joined.get():
        yield connection
        return
    with _sentences(), engine().connect() as connection:
        yield connection


def engine() -> Engine:
    """The database of the present home; it is made or brought up to date first.

    Raises:
        DatabaseError: if it cannot be opened.
    """
    url = settings.database() or f"sqlite:///{settings.HOME / FILE}"
    with _opening, _sentences():
        if url not in _opened:
            _opened[url] = _opened_at(url)
        return _opened[url]


def close() -> None:
    """Close the connections of this process; the next use opens new ones."""
    with _opening:
        while _opened:
            _opened.popitem()[1].dispose()


def set_aside() -> list[str]:
    """The names of damaged databases that were replaced by an empty one."""
    return sorted(path.name for path in settings.HOME.glob(f"damaged-*-{FILE}"))


def _opened_at(url: str) -> Engine:
    if not url.startswith("sqlite"):
        made = create_engine(url, pool_pre_ping=True)
        _migrate(made)
        return made
    path = settings.HOME / FILE
    options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE, "isolation_level": None}}
    with suppress(OSError):  # Writing will say what is wrong.
        path.parent.mkdir(parents=True, exist_ok=True)
    if os.access(path.parent, os.W_OK):
        made = create_engine(url, **options)
        event.listen(made, "connect", _enforce_foreign_keys)
        # The change to WAL does not wait for another process that makes it.
        with file_lock(path.with_suffix(".lock"), PATIENCE), made.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            _migrate(made)
    elif path.exists():
        made = create_engine(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true", **options)
    else:
        made = create_engine("sqlite://", poolclass=StaticPool, **options)
        _migrate(made)
        with made.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
    return made


def _enforce_foreign_keys(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def _migrate(made: Engine) -> None:
    """Make the tables, or bring them up to date."""
    with made.connect() as connection:
        if _version(connection) == SCHEMA:
            return
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])
        version = _version(connection)  # Again, now that nobody else changes it.
        try:
            if version:
                command.upgrade(config, "head")
            else:
                metadata.create_all(connection)
                command.stamp(config, "head")
        except CommandError:
            raise DatabaseError(
                f"The database is of another version of the app, {version}."
            ) from None
        connection.commit()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


@contextmanager
def _sentences() -> Iterator[None]:
    """Raise errors of the database as `DatabaseError`; rename a damaged database."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None)
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # Without its details.
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            _set_aside()
            raise DatabaseError(
                "The database was damaged and was set aside; models are still there."
            ) from error
        reason = _REASONS.get(code) or " ".join(str(cause or error).split())[:200].rstrip(".")
        raise DatabaseError(f"The database cannot be used: {reason}.", reason) from error


def _set_aside() -> None:
    """Give the database another name, unless another process has just done so."""
    path = settings.HOME / FILE
    new = path.with_name(f"damaged-{time.strftime('%Y%m%d-%H%M%S')}-{FILE}")
    if made := _opened.pop(f"sqlite:///{path}", None):
        made.dispose()
    with suppress(OSError), file_lock(path.with_suffix(".lock"), PATIENCE):
        if not _is_sound(path):
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(FILE + suffix).rename(new.with_name(new.name + suffix))


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
