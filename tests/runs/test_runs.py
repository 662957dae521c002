import itertools
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import move_to, wait_until, worker_of
from small_runs import SMALL, ended, start_endless

from vae import Params, evaluate, load, train
from vae.errors import ParamsError, RunError, TrainingError, WeightsError
from vae.runs import queue, store
from vae.runs.rows import has_worker, row_of
from vae.runs.worker import run_training
from vae.training.loop import Training

# Two points an epoch.
QUICK = Params(**SMALL, batch_size=500, epochs=2)
ONCE = QUICK.model_copy(update={"epochs": 1})


@pytest.fixture
def start(shared_home):
    started = []

    def start(name, params=QUICK, endless=False, **more):
        started.append(
            start_endless(name, params) if endless else store.start(params, name, **more)
        )
        return started[-1]

    yield start
    for run in started:
        if run.folder.exists():
            run.stop()
    for run in started:
        wait_until(lambda run=run: not has_worker(run.id))


@pytest.fixture(scope="module")
def quick(shared_home):
    run = store.start(QUICK, "quick")
    assert run.status().state in ("queued", "starting")
    ended(run)
    return run


@pytest.fixture(scope="module")
def alone():
    *_, last = train(QUICK)
    return last.trained


def test_a_run_from_start_to_end(quick, alone, mnist):
    run, status = quick, quick.status()
    assert run.id in store.list_ids()
    assert store.get(run.id).params == QUICK
    with pytest.raises(WeightsError, match="There is a model named 'quick' already"):
        store.start(QUICK, "quick")
    assert status.state == "finished"
    assert status.message == "Finished; the model of epoch 2 is saved."
    assert status.epochs_done == 2
    points = status.history.points
    assert [point.step for point in points] == [10, 30, 60, 100, 118, 60, 118]
    assert points[-1].loss < points[0].loss
    model = load("quick")
    assert status.history.epochs[1:] == model.history
    assert load(run.last).metrics == model.metrics
    assert model.metrics["accuracy"] == pytest.approx(model.history[-1]["val_accuracy"], abs=0.05)
    assert (run.folder / "worker.log").read_text() == ""
    assert [(s.epoch, s.step) for s in run.snapshots()] == [
        *((0, 0), (0, 10), (0, 30), (0, 100)),
        *((1, 0), (2, 0)),
    ]

    # What the worker logs is what the NumPy model computes.
    kl, confusion = status.history.kl_per_dimension[-1], status.history.confusion[-1]
    held_out = evaluate(model, mnist.train.part(slice(-QUICK.held_out, None)))
    assert len(kl) == QUICK.z_dim
    assert sum(kl) == pytest.approx(held_out["kl"], rel=1e-3)
    assert confusion == held_out["confusion"]
    assert run.measured()["confusion"] == evaluate(model, mnist.test)["confusion"]

    # And the same as training without anybody watching.
    for name, array in alone.tensors.items():
        assert np.array_equal(array, model.tensors[name]), name


def test_a_run_deleted_while_it_is_handed_out_leaves_no_ghost(start, quick):
    """Deleted at many moments around its start, it is either trained or gone for good.

    That both workers are free again, the tests below need.
    """

    def delete_soon(i):
        run = start(f"doomed-{i}", paused=True)
        if i % 2:
            wait_until(lambda: run.status().has_worker or not run.folder.exists())
        while run.folder.exists():
            try:
                run.stop()
                store.delete(run.id)
            except RunError as error:
                assert "It is being trained" in str(error), error
        return run

    with ThreadPoolExecutor(3) as threads:
        deleted = list(threads.map(delete_soon, range(6)))
    wait_until(lambda: not queue.ids())
    assert store.list_ids() == [quick.id]
    assert not any(run.folder.exists() for run in deleted)


def test_a_run_is_resumed_for_longer_described_copied_and_deleted(start, alone):
    run = start("longer", ONCE)
    assert ended(run).state == "finished"
    run.resume(target_epochs=2)
    assert run.status().is_active
    status = ended(run)
    assert status.state == "finished" and status.target_epochs == 2
    assert [entry["epoch"] for entry in status.history.epochs] == [0, 1, 2]
    # The same as a run whose parameters ask for two epochs.
    assert load("longer").history == [pytest.approx(entry, rel=1e-6) for entry in alone.history]

    run.describe("  My first <b>VAE</b> ", "β was 1")
    again = store.get(run.id)
    assert (again.title, again.note) == ("My first <b>VAE</b>", "β was 1")
    run.publish(run.best, "longer-best")
    assert load("longer-best").history == load(run.best).history
    with pytest.raises(WeightsError, match="There is a model named 'longer-best' already"):
        run.publish(run.last, "longer-best")
    with pytest.raises(WeightsError, match="A model's name is"):
        run.publish(run.last, "../evil")
    store.delete(run.id)
    assert run.id not in store.list_ids()
    assert load("longer").params == ONCE  # The model stays.
    with pytest.raises(RunError):
        store.get(run.id)


def test_a_pause_and_single_steps(start, alone):
    run = start("stepwise", paused=True)
    wait_until(lambda: run.status().state == "paused")
    assert not run.status().history.points
    for n in (1, 2, 3):
        run.single_step()
        wait_until(lambda n=n: len(run.status().history.points) == n)
    assert [point.step for point in run.status().history.points] == [1, 2, 3]
    wait_until(lambda: row_of(run.id).checkpoint_step == 3)
    untrained = run.status().history.epochs
    os.kill(worker_of(run), signal.SIGKILL)
    wait_until(lambda: not has_worker(run.id))
    run.single_step()  # Resumes after its third step; epoch 0 is not logged again.
    wait_until(lambda: len(run.status().history.points) == 4)
    assert run.status().history.epochs == untrained
    wait_until(lambda: [(now.epoch, now.step) for now in run.snapshots(paused=True)] == [(0, 4)])
    run.resume()
    wait_until(lambda: run.status().state == "running")
    run.request(desired_state="pause")
    wait_until(lambda: run.status().state in ("paused", "finished"))
    run.resume()
    status = ended(run)
    assert status.state == "finished"
    # The same model as without a pause: only the points are others.
    assert load("stepwise").history == [pytest.approx(entry, rel=1e-6) for entry in alone.history]


def test_a_paused_run_gives_its_slot_to_one_that_waits(start):
    paused = [start(f"yields-{i}", paused=True) for i in range(2)]
    for run in paused:
        wait_until(lambda run=run: run.status().state == "paused")
    third = start("third", ONCE)  # There are two workers.
    assert ended(third).state == "finished"
    left = [run for run in paused if not has_worker(run.id)]
    assert left and left[0].status().state == "paused"


def test_a_run_is_steered_stopped_and_goes_on_for_fewer_epochs_than_were_meant(start):
    run = start("steered", endless=True)
    wait_until(lambda: run.status().history.epochs[1:])
    run.request(live_params={"kl_weight": 50.0})
    run.request(live_params={"learning_rate": 0.01})
    changes = wait_until(lambda: len(m := run.status().history.changes) == 2 and m)
    assert [(change.param, change.value) for change in changes] == [
        ("kl_weight", 50.0),
        ("learning_rate", 0.01),
    ]
    with pytest.raises(RunError, match="kl_weight must be a number between 0 and 100"):
        run.request(live_params={"kl_weight": -1.0})
    with pytest.raises(RunError, match="It is being trained; stop it first"):
        store.delete(run.id)
    run.stop()
    status = ended(run)
    done = len(status.history.epochs) - 1
    assert status.message == f"Stopped; the model of epoch {done} is saved."
    assert load("steered").metrics["accuracy"] > 0.1
    run.resume(target_epochs=done + 1)
    assert run.status().target_epochs == done + 1
    assert ended(run).state == "finished"
    assert len(load("steered").history) == done + 1


def test_summaries_agree_with_the_whole_history(quick):
    waits = store.create(QUICK, "never")
    listed = {summary.run.id: summary for summary in store.summaries()}
    assert list(listed) == store.list_ids()
    for run_id, summary in listed.items():
        status = store.get(run_id).status()
        assert summary.state == status.state
        assert summary.figures == (status.history.epochs[-1] if status.history.epochs else {})
    assert listed[waits.id].state == "stopped"
    assert waits.status().message == "Cancelled before it started."


def test_a_training_that_fails_says_why(home, few_images):
    run = store.create(QUICK, "fails")
    (run.folder / "last.safetensors").mkdir()
    with pytest.raises(WeightsError):
        list(run_training(run))
    status = run.status()
    assert status.state == "failed"
    assert "Is a directory" in status.message


def test_a_diverging_training_says_what_may_help(home, few_images):
    params = Params(
        encoder_layers=(512,) * 3,
        decoder_layers=(512,) * 3,
        digit_classification_layers=(512,) * 3,
        activation="relu",
        decoder_std=0.05,
        learning_rate=0.1,
        epochs=1,
    )
    run = store.create(params, "diverges")
    with pytest.raises(TrainingError, match="a smaller learning rate may help"):
        list(run_training(run))
    assert "a smaller learning rate may help" in run.status().message
    assert run.status().state == "failed"


def test_names_that_cannot_be(home):
    with pytest.raises(WeightsError, match="A model's name is"):
        store.start(Params(), "../evil")
    with pytest.raises(WeightsError, match="There is a model named 'classic' already"):
        store.start(Params(), "classic")
    assert store.list_ids() == []


def test_a_model_that_is_too_large_is_refused(home):
    huge = Params(encoder_layers=[512], encoder_filters=[128], decoder_filters=[128])
    with pytest.raises(ParamsError, match="weights"):
        store.start(huge, "huge")


def test_runs_cannot_be_made_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    move_to(tmp_path / "file", monkeypatch)
    with pytest.raises(RunError, match="cannot be started: Not a directory"):
        store.start(Params(), "x")


def test_held_out_images_count_neither_in_the_steps_nor_in_the_time_left(home, few_images):
    params = QUICK.model_copy(update={"held_out": 2000})
    assert params.steps_per_epoch(7000) == 10 == Training(params, few_images).steps
    run = store.create(params, "x")
    next(training := run_training(run))
    status, point = run.status(), run.status().history.points[-1]
    images_left = params.batch_size * (2 * point.steps - point.step)
    assert point.steps == 10
    assert status.seconds_left == pytest.approx(images_left / point.examples_per_second)
    list(itertools.takewhile(lambda progress: progress.epoch < 2, training))
    run.request(target_epochs=1)
    before_it_is_read = run.status()
    training.close()
    assert before_it_is_read.seconds_left == 0
