"""PostgreSQL does what SQLite does: these tests are those of other files."""

import os

import postgres
import pytest
from test_dispatcher import (  # noqa: F401
    test_the_queue_is_kept_in_order_and_can_be_changed,
)
from test_history import (  # noqa: F401
    runs,
    test_a_history_is_what_was_written_since_the_last_checkpoint,
    test_a_run_that_was_deleted_leaves_no_row,
)
from test_orders import test_any_order_of_requests_deaths_and_restarts  # noqa: F401
from test_worker import (  # noqa: F401
    test_a_run_that_was_deleted_or_has_a_worker_is_not_trained,
)

from vae import database
from vae.errors import DatabaseError
from vae.runs import store

pytestmark = pytest.mark.usefixtures("few_images")


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory):
    """The address of a PostgreSQL that everything in this file uses."""
    if not postgres.installed():
        reason = "PostgreSQL is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with (
        postgres.postgres(tmp_path_factory.mktemp("postgres")) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("VAE_DATABASE", address)
        yield address
        database.close()


@pytest.fixture(autouse=True)
def empty(server):
    """No runs of an earlier test are left."""
    yield
    for run_id in store.list_ids():
        store.delete(run_id)


def test_a_database_that_cannot_be_reached_is_a_sentence(home, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("VAE_DATABASE", "postgresql+psycopg://vae@127.0.0.1:1/nothing")
        with pytest.raises(DatabaseError, match=r"cannot be used: .*refused"):
            store.list_ids()
        patch.setenv("VAE_DATABASE", "nonsense")
        with pytest.raises(DatabaseError, match="cannot be used: Could not parse"):
            store.list_ids()
    assert store.list_ids() == []
