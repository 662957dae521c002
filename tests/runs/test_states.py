"""The table of states: every edge is walked with a real run folder."""

from contextlib import ExitStack
from typing import get_args

import pytest
from conftest import ROOT
from filelock import FileLock
from small_runs import QUICK

from vae.errors import RunError
from vae.runs import queue, store
from vae.runs.events import NAMES
from vae.runs.states import ENDINGS, NEUTRAL, TRANSITIONS, State, diagram, next_state
from vae.runs.summary import RunLog
from vae.runs.worker import record_failure

POINT = {"loss": 9.0, "recon": 5.0, "kl": 2.0, "cls": 0.2, "examples_per_second": 5e4}
VALUES = {
    "worker_started": {"pid": 1, "host": "here"},
    "training_started": {"epoch": 1, "step": 0, "steps": 60},
    "point": {"epoch": 1, "step": 1, "steps": 60, **POINT},
    "finished": {"message": "Finished; it is."},
    "stopped": {"message": "Stopped; it is."},
    "failed": {"message": "The training failed: it is."},
}
KINDS = {name: kind for kind, name in NAMES.items()}
WAY_TO = {
    "queued": [],
    "starting": ["worker_started"],
    "running": ["worker_started", "training_started", "point"],
    "paused": ["worker_started", "training_started", "paused"],
    "measuring": ["worker_started", "training_started", "point", "measuring"],
    "killed": ["worker_started", "training_started", "point"],
    **{ending: ["worker_started", "training_started", "point", ending] for ending in ENDINGS},
}
WITHOUT_WORKER = {"queued", "killed", *ENDINGS}


class Folder:
    """A run, and a worker that does what the test says."""

    def __init__(self, stack):
        self.run = store.create(QUICK, "walked")
        self.lock = FileLock(self.run.folder / "lock")
        stack.callback(self.lock.release)

    def log(self, name):
        if name == "worker_started":
            self.lock.acquire()
            queue.acknowledge(self.run.id)
        log = RunLog(self.run.folder)
        log.append(KINDS[name], **VALUES.get(name, {}))
        log.close()

    def bring_to(self, state, has_worker):
        if state == "queued":
            queue.submit(self.run.id)
        for name in WAY_TO[state]:
            self.log(name)
        if not has_worker:
            self.lock.release()
        assert self.run.status().state == state

    def trigger(self, name):
        match name:
            case "submitted":
                self.run.resume()
            case "cancelled" | "stop_requested":
                self.run.stop()
            case "worker_lost":
                self.lock.release()
            case "failed" if not self.lock.is_locked:
                record_failure(self.run.id, RunError("no room"))
                queue.cancel(self.run.id)
            case _:
                self.log(name)


@pytest.mark.parametrize("edge", TRANSITIONS, ids=lambda t: f"{t.source}-{t.trigger}-{t.target}")
def test_every_edge(home, edge):
    rests = {"submitted", "worker_started", "stop_requested"}
    with ExitStack() as stack:
        folder = Folder(stack)
        has_worker = edge.source not in WITHOUT_WORKER and edge.trigger not in rests
        folder.bring_to(edge.source, has_worker)
        folder.trigger(edge.trigger)
        status = folder.run.status()
        assert status.state == edge.target
        assert not status.problems
        (summary,) = store.summaries()
        assert summary.state == edge.target


def test_the_table_is_complete_and_plain():
    edges = [(t.source, t.trigger) for t in TRANSITIONS]
    assert len(edges) == len(set(edges))
    reached = {t.target for t in TRANSITIONS}
    assert reached == {t.source for t in TRANSITIONS} == set(get_args(State))
    known = {*NAMES.values(), "submitted", "cancelled", "worker_lost", "stop_requested"}
    assert {t.trigger for t in TRANSITIONS} <= known
    assert set(NAMES.values()) >= NEUTRAL


@pytest.mark.parametrize("state", get_args(State))
def test_what_is_not_in_the_table_cannot_happen(state):
    edges = {(t.source, t.trigger) for t in TRANSITIONS}
    for name in NAMES.values():
        # A process that was lost, or a place in the queue, leaves no event.
        hidden = name == "worker_started" or (name == "failed" and state not in ("running",))
        if (state, name) not in edges and name not in NEUTRAL and not hidden:
            assert next_state(state, name) is None


def test_the_diagram_in_the_docs_is_the_table():
    assert diagram() in (ROOT / "docs" / "architecture.md").read_text()
