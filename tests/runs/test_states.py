"""The table of states: every edge is walked with a real run."""

from contextlib import ExitStack
from typing import get_args

import pytest
from by_hand import Worker
from conftest import ROOT
from small_runs import QUICK

from vae.errors import RunError
from vae.runs import queue, store
from vae.runs.log import RunLog
from vae.runs.rows import row_of
from vae.runs.states import ENDINGS, TRANSITIONS, State, diagram
from vae.runs.worker import record_failure

WAY_TO = {
    "queued": ["submitted"],
    "starting": ["worker_started"],
    "running": ["worker_started", "point"],
    "paused": ["worker_started", "paused"],
    "measuring": ["worker_started", "point", "measuring"],
    "killed": ["worker_started", "point", "worker_lost"],
    **{ending: ["worker_started", "point", ending] for ending in ENDINGS},
}


class Walk:
    """A run that a trigger happens to."""

    def __init__(self, stack):
        self.run = store.create(QUICK, "walked")
        self.worker = None
        stack.callback(lambda: self.worker and self.worker.lock.release())

    def trigger(self, name):
        match name:
            case "submitted":
                self.run.resume()
            case "cancelled" | "stop_requested":
                self.run.stop()
            case "worker_lost":
                self.worker.lock.release()
            case "worker_started":
                self.worker = Worker(self.run)
                self.worker.log.worker_started()
            case "point":
                self.worker.point(1, 1)
            case "failed" if not self.worker:
                record_failure(self.run.id, RunError("no room"))
            case ending if ending in ENDINGS:
                self.worker.log.ended(ending, "It is.")
            case _:
                getattr(self.worker.log, name)()


@pytest.mark.parametrize("edge", TRANSITIONS, ids=lambda t: f"{t.source}-{t.trigger}-{t.target}")
def test_every_edge(home, edge):
    with ExitStack() as stack:
        walk = Walk(stack)
        for trigger in WAY_TO[edge.source]:
            walk.trigger(trigger)
        if walk.worker and edge.trigger in ("submitted", "worker_started", "stop_requested"):
            walk.worker.lock.release()
        assert walk.run.status().state == edge.source
        walk.trigger(edge.trigger)
        assert walk.run.status().state == edge.target
        (summary,) = store.summaries()
        assert summary.state == edge.target
        assert (walk.run.id in queue.ids()) == (edge.target == "queued")


def test_the_table_is_complete_and_plain():
    edges = [(t.source, t.trigger) for t in TRANSITIONS]
    assert len(edges) == len(set(edges))
    reached = {t.target for t in TRANSITIONS}
    assert reached == {t.source for t in TRANSITIONS} == set(get_args(State))


STORED = [state for state in get_args(State) if state != "killed"]
WRITTEN = {t.trigger for t in TRANSITIONS if hasattr(RunLog, t.trigger)} | {*ENDINGS}


@pytest.mark.parametrize("state", STORED)
def test_what_is_not_in_the_table_cannot_happen(home, state):
    edges = {(t.source, t.trigger) for t in TRANSITIONS}
    with ExitStack() as stack:
        walk = Walk(stack)
        for trigger in WAY_TO[state]:
            walk.trigger(trigger)
        walk.worker = walk.worker or Worker(walk.run)
        for name in sorted(WRITTEN - {"worker_started"}):
            if (state, name) not in edges:
                with pytest.raises(RunError, match=f"it is {state}"):
                    walk.trigger(name)
                assert row_of(walk.run.id).state == state


def test_the_diagram_in_the_docs_is_the_table():
    assert diagram() in (ROOT / "docs" / "architecture.md").read_text()
