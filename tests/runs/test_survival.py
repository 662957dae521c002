"""Nothing that happens to a process loses a run, and a run that goes on ends the same."""

import pytest
from conftest import kill_worker, wait_until
from small_runs import RICH, SMALL, ended, same_end

from vae import Params
from vae.runs import store

KINDS = {
    "rich": RICH.model_copy(update={"epochs": 2}),
    "xla": Params(**SMALL, batch_size=100, epochs=2),
}


@pytest.fixture(scope="module")
def references(shared_home):
    return {name: store.start(params, f"reference-{name}") for name, params in KINDS.items()}


def is_measured(run):
    """Whether its model is, at the end; on a busy machine it may have ended before this looks."""
    return run.status().state in ("measuring", "finished")


def is_validated(run):
    """Whether the untrained model is: the first that a worker does."""
    return run.status().history.epochs


def has_an_epoch(run):
    return run.status().history.epochs[1:]


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        ("rich", [is_validated, is_measured]),
        ("xla", [has_an_epoch]),
    ],
)
def test_killed_at_these_moments_it_ends_as_if_it_had_not_been(references, kind, moments):
    run = store.start(KINDS[kind], f"victim-{kind}")
    for moment in moments:
        wait_until(lambda moment=moment: moment(run))
        if not kill_worker(run):
            continue  # It has ended meanwhile.
        status = run.status()
        assert status.state in ("killed", "finished")
        if status.state == "killed":
            assert "Resume" in status.message
            run.resume()
    assert ended(references[kind]).state == ended(run).state == "finished"
    same_end(run, references[kind])
