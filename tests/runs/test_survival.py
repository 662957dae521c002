"""Nothing that happens to a process loses a run, and a run that goes on ends the same."""

import pytest
from conftest import kill_worker, wait_until
from small_runs import RICH, SMALL, ended, same_end

from vae import Params
from vae.runs import store

KINDS = {
    "rich": RICH.model_copy(update={"epochs": 3}),
    "xla": Params(**SMALL, batch_size=200, epochs=4),
    "conv": Params(**SMALL, digit_classification_filters=(1,), batch_size=1000, epochs=2),
}


@pytest.fixture(scope="module")
def references(shared_home):
    return {name: store.start(params, f"reference-{name}") for name, params in KINDS.items()}


def in_state(state):
    return lambda run: run.status().state == state


def is_validated(run):
    """Whether the untrained model is: the first that a worker does."""
    return run.status().history.epochs


def has_points(run):
    return run.status().history.points


def has_an_epoch(run):
    return run.status().history.epochs[1:]


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        ("rich", [is_validated, has_points, has_an_epoch]),
        ("conv", [has_an_epoch, in_state("measuring")]),
        ("xla", [has_points, in_state("measuring")]),
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
