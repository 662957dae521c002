"""The database itself: its schema, and transactions within transactions."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from small_runs import QUICK

from vae import database
from vae.errors import DatabaseError
from vae.runs import store
from vae.runs.rows import row_of, set_values


def test_the_newest_revision_is_the_schema(home):
    (head,) = ScriptDirectory(str(database.MIGRATIONS)).get_heads()
    assert head == database.SCHEMA
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == head
        assert compare_metadata(context, database.metadata) == []


def test_a_database_of_a_later_version_is_a_sentence_and_stays(home):
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(DatabaseError, match="of another version of the app, 9999"):
        store.list_ids()
    assert database.set_aside() == []


def test_an_error_undoes_its_own_part_alone(home):
    run = store.create(QUICK, "x")
    with database.writing() as connection:
        set_values(connection, run.id, title="kept")
        with pytest.raises(ZeroDivisionError), database.writing():
            set_values(connection, run.id, note="undone")
            raise ZeroDivisionError
    assert (row_of(run.id).title, row_of(run.id).note) == ("kept", "")
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        set_values(connection, run.id, title="undone")
        raise ZeroDivisionError
    assert row_of(run.id).title == "kept"
