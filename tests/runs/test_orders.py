"""Whatever happens in whatever order, a run is in a legal state and nothing of it is lost."""

from contextlib import suppress

from by_hand import Worker
from conftest import in_home, leave
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from small_runs import QUICK

from vae import database
from vae import settings as settings_of_the_app
from vae.errors import RunError
from vae.runs import dispatcher, queue, store
from vae.runs.rows import has_worker
from vae.runs.states import ENDINGS, WORKING

NAMES = ("one", "two", "three")
RUNS = st.sampled_from(NAMES)


class Lab(RuleBasedStateMachine):
    """Three runs, their visitors and their workers; no worker trains."""

    def __init__(self):
        super().__init__()
        database.close()
        self.runs = {name: store.create(QUICK, f"{name}-{next(NUMBERS)}") for name in NAMES}
        self.workers, self.points, self.saved, self.requested = {}, {}, {}, {}

    def state(self, name):
        return self.runs[name].status().state

    @rule(name=RUNS, epochs=st.sampled_from([0, 3, 5]))
    def resume(self, name, epochs):
        self.runs[name].resume(epochs)
        self.requested[name] = "run"
        if epochs:
            assert self.runs[name].status().target_epochs == epochs

    @rule(name=RUNS)
    def single_step(self, name):
        before = self.runs[name].status().control.single_steps
        self.runs[name].single_step()
        self.requested[name] = "pause"
        assert self.runs[name].status().control.single_steps == before + 1

    @rule(name=RUNS)
    def stop(self, name):
        self.runs[name].stop()
        self.requested[name] = "stop"

    @rule(name=RUNS, by=st.integers(-2, 2))
    def move(self, name, by):
        before = queue.ids()
        queue.move(self.runs[name].id, by)
        assert sorted(queue.ids()) == sorted(before)

    @rule()
    def restart(self):
        """Another server opens the database, and a dispatcher tidies up."""
        database.close()
        dispatcher._delete_leftovers()

    @precondition(lambda self: set(queue.ids()) - {self.runs[name].id for name in self.workers})
    @rule()
    def start(self):
        taken = {self.runs[name].id for name in self.workers}
        chosen = next(run_id for run_id in queue.ids() if run_id not in taken)
        name = next(name for name, run in self.runs.items() if run.id == chosen)
        count = self.saved.get(name, 0)
        self.workers[name] = Worker(self.runs[name]).start(count // 10 + 1, count % 10)
        self.points[name] = count

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), act=st.sampled_from(["point", "paused", "checkpoint", *ENDINGS]))
    def work(self, data, act):
        name = data.draw(st.sampled_from(sorted(self.workers)))
        worker, done = self.workers[name], self.points[name]
        match act:
            case "point":
                worker.point(done // 10 + 1, done % 10 + 1)
                self.points[name] += 1
            case "paused":
                worker.log.paused()
            case "checkpoint":
                worker.log.checkpoint_saved(done // 10 + 1, done % 10)
                self.saved[name] = done
            case _:
                worker.end(act)
                del self.workers[name]
                assert self.state(name) == act

    @precondition(lambda self: self.workers)
    @rule(data=st.data())
    def kill(self, data):
        name = data.draw(st.sampled_from(sorted(self.workers)))
        before = self.state(name)
        self.workers.pop(name).end("killed")
        assert self.state(name) == ("killed" if before in WORKING else before)

    @rule(name=RUNS)
    def delete_what_trains(self, name):
        if name in self.workers:
            with suppress(RunError):
                store.delete(self.runs[name].id)

    @invariant()
    def nothing_is_lost(self):
        ids = {run.id for run in self.runs.values()}
        waiting = [run_id for run_id in queue.ids() if run_id in ids]
        assert len(waiting) == len({*waiting})
        for name, run in self.runs.items():
            status = run.status()
            assert (status.state == "queued") == (run.id in waiting)
            assert status.has_worker == has_worker(run.id) == (name in self.workers)
            assert status.control.desired_state == self.requested.get(name, "run")
            assert len(status.history.points) == self.points.get(name, 0)
            if name not in self.workers:
                assert status.state not in WORKING and status.message.endswith(".")

    def teardown(self):
        for worker in self.workers.values():
            worker.lock.release()
        for run in self.runs.values():
            run.stop()


NUMBERS = iter(range(10**6))


def test_any_order_of_requests_deaths_and_restarts(tmp_path):
    with in_home(tmp_path):
        count = 10 if settings_of_the_app.database() else 30  # PostgreSQL takes longer to connect.
        Lab.TestCase.settings = settings(max_examples=count, stateful_step_count=20, deadline=None)
        Lab.TestCase("runTest").debug()
        leave(tmp_path)
