"""What a worker has measured: all of it is read, piece by piece as at once."""

import pytest
from by_hand import TERMS, Worker
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import QUICK

from vae import database
from vae.runs import history, store
from vae.runs.history import ParamChange, RunHistory
from vae.training.progress import Point

STEPS = QUICK.steps_per_epoch()
ENTRIES = st.lists(
    st.sampled_from(["point", "epoch", "change", "problem", "read", "restart"]), max_size=12
)


@pytest.fixture(scope="module")
def runs(shared_database):
    return (store.create(QUICK, f"run-{i}") for i in range(10**6))


@given(entries=ENTRIES, data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_history_is_what_was_written_since_the_last_checkpoint(runs, entries, data):
    run = next(runs)
    worker = Worker(run).start()
    points, changes, problems, validated, epoch, step = [], [], [], [], 1, 0
    for number, entry in enumerate(entries):
        match entry:
            case "point":
                step += 1
                worker.point(epoch, step, loss=float(number))
                loss = TERMS | {"loss": float(number)}
                points.append(Point(epoch, step, STEPS, **loss, examples_per_second=5e4))
            case "epoch":
                worker.epoch(epoch, number + 0.5)
                validated.append((epoch, number + 0.5))
                epoch, step = epoch + 1, 0
            case "change":
                done = epoch - 1 + step / STEPS
                worker.log.param_changed(done, "kl_weight", float(number))
                changes.append(ParamChange(done, "kl_weight", float(number)))
            case "problem":
                worker.log.problem(f"Problem {number}.")
                problems.append(f"Problem {number}.")
            case "read":
                assert run.status().history.points == points
            case "restart":
                epoch = data.draw(st.integers(1, epoch))
                step = data.draw(st.integers(0, step)) if epoch > len(validated) else 0
                worker.end("killed")
                worker = Worker(run).start(epoch, step)
                now = epoch - 1 + step / STEPS
                points = [point for point in points if point.epochs_done <= now]
                changes = [change for change in changes if change.epochs_done <= now]
                validated = [entry for entry in validated if entry[0] < epoch]
    worker.end()
    read = run.status().history
    assert (read.points, read.changes, read.problems) == (points, changes, problems)
    assert [(e["epoch"], e["val_loss"]) for e in read.epochs] == validated
    history._readers.clear()
    assert run.status().history == read


def validated(*losses):
    epochs = [{"epoch": epoch, "val_loss": loss} for epoch, loss in enumerate(losses)]
    return RunHistory(epochs=epochs)


@pytest.mark.parametrize(
    ("losses", "best", "worse"),
    [
        ((), None, ""),
        ((9e9,), None, ""),
        ((900.0, 60.0, 50.0, 50.5), 2, ""),
        ((1.0, 60.0, 50.0), 2, ""),
        (
            (9000.0, 8600.0, 15768.0),
            1,
            "The validation loss rose from 8,600 (epoch 1) to 1.577e+04.",
        ),
    ],
)
def test_a_run_that_got_worse_says_so(losses, best, worse):
    assert validated(*losses).best_epoch == best
    assert validated(*losses).worsened == worse


def test_losses_under_other_weights_are_not_compared():
    read = validated(900.0, 60.0, 50.0, 90.0, 80.0)
    assert "rose from 50" in read.worsened
    read.changes.append(ParamChange(2.5, "kl_weight", 4))
    assert (read.worsened, read.best_epoch) == ("", 4)


def test_a_run_that_was_deleted_leaves_no_row(home):
    run = store.create(QUICK, "x")
    worker = Worker(run).start()
    worker.point(1)
    worker.epoch(1)
    worker.log.param_changed(1.0, "kl_weight", 2.0)
    worker.log.problem("A problem.")
    worker.end()
    store.delete(run.id)
    with database.reading() as connection:
        for table in database.metadata.sorted_tables:
            rows = connection.execute(table.select()).all()
            assert rows == [] or table is database.models, table.name
