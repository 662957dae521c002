"""The worker: which files it writes, which requests it applies, what it saves of a run."""

import shutil

import numpy as np
import pytest
from by_hand import alter
from conftest import leave, move_to
from small_runs import QUICK, SMALL

from vae import Params, database, load, settings
from vae.errors import RunError, TrainingError, WeightsError
from vae.files import uploads, weights
from vae.runs import queue, store
from vae.runs.rows import has_worker, row_of
from vae.runs.steered import POINTS_PER_EPOCH, SteeredTraining
from vae.runs.worker import run_training, work
from vae.training.loop import Training

pytestmark = pytest.mark.usefixtures("few_images")

HALF_WRITTEN = ".last.safetensors.abc12345"
CONV = Params(**SMALL, digit_classification_filters=(1,), batch_size=1000, epochs=1)


def trained(run):
    for _ in run_training(run):
        pass
    return run.status()


@pytest.fixture(scope="module")
def once(few_images, tmp_path_factory):
    """The homes of a run that is finished, and of one whose process ended after its first epoch."""
    finished, ended = (tmp_path_factory.mktemp(name) for name in ("finished", "ended"))
    with pytest.MonkeyPatch.context() as patch:
        move_to(finished, patch)
        run = store.create(QUICK, "mine")
        (run.folder / HALF_WRITTEN).write_text("half")
        training = run_training(run)
        while not next(training).trained:
            pass
        shutil.copytree(finished, ended, dirs_exist_ok=True)
        list(training)
        database.close()
    return finished, ended


def own_copy(kept, home):
    shutil.copytree(kept, home, dirs_exist_ok=True)
    (run_id,) = store.list_ids()
    run = store.get(run_id)
    alter(run, out=str(settings.MODELS / "mine.safetensors"))
    return store.get(run_id)


@pytest.fixture
def finished(once, home):
    """A finished run named mine, for one test to do with it what it likes."""
    return own_copy(once[0], home)


def test_an_upload_under_the_name_of_a_run_is_refused(home):
    store.create(QUICK, "mine")
    content = (settings.SHIPPED / "classic.safetensors").read_bytes()
    with pytest.raises(WeightsError, match="A run has the name 'mine' already"):
        uploads.receive(content, "mine")
    with pytest.raises(WeightsError, match="A run has the name 'mine' already"):
        store.create(QUICK, "mine")


def test_a_finished_run_has_its_model_and_leaves_nothing_half_written(finished):
    assert finished.status().state == "finished"
    assert weights.read_run_id(settings.MODELS / "mine.safetensors") == finished.id
    assert not (finished.folder / HALF_WRITTEN).exists(), "a killed process left it"


def test_a_run_never_replaces_a_file_that_it_did_not_write(home):
    run = store.create(QUICK, "mine")
    settings.MODELS.mkdir()
    foreign = settings.MODELS / "mine.safetensors"
    shutil.copy(settings.SHIPPED / "classic.safetensors", foreign)
    before = foreign.read_bytes()
    status = trained(run)
    assert foreign.read_bytes() == before
    assert status.state == "finished"
    assert status.history.problems == [
        "mine.safetensors was not written by this run and stays as it is."
    ]
    assert load(run.last).history, "the run's folder has its model"


def test_a_run_goes_on_writing_its_own_file(finished):
    finished.resume(target_epochs=3)
    assert trained(finished).history.problems == []
    assert len(load("mine").history) == 3


def test_the_best_model_is_one_of_the_loss_as_it_is_weighted_now(home):
    run = store.create(QUICK.model_copy(update={"epochs": 3}), "mine")
    training = run_training(run)
    while not next(training).trained:
        pass
    run.request(live_params={"digit_classification_weight": 1000.0})
    list(training)
    history = run.status().history
    losses = [entry["val_loss"] for entry in history.epochs[1:]]
    assert min(losses) == losses[0], "the losses after the change are larger"
    assert len(load(run.best).history) == history.best_epoch > 1


def test_a_step_after_the_last_of_an_epoch_is_the_first_of_the_next(home):
    run = store.create(QUICK, "x")
    training = run_training(run, hold_slot=True)
    progress = next(training)
    while progress.step < progress.steps:
        progress = next(training)
    run.single_step()
    assert next(training).trained, "the epoch's validation comes first"
    progress = next(training)
    assert (progress.epoch, progress.step) == (2, 1)
    training.close()
    assert [point.step for point in run.status().history.points][-2:] == [progress.steps, 1]


def test_zero_is_a_value_of_a_live_parameter_and_a_pause_survives_it(home):
    run = store.create(QUICK, "beta")
    training = run_training(run, hold_slot=True)
    next(training)
    run.request(desired_state="pause")
    run.request(live_params={"kl_weight": 0.0})
    run.request(desired_state="run")
    progress = list(training)[-1]
    terms = progress.recon + 10 * progress.cls
    assert progress.loss == pytest.approx(terms, rel=1e-5), "β is 0"
    assert [(c.param, c.value) for c in run.status().history.changes] == [("kl_weight", 0.0)]


def test_a_training_can_be_stopped_within_the_validation_of_a_convolutional_model(home):
    run = store.create(CONV, "one")
    training = run_training(run)
    while (progress := next(training)).step != progress.steps:
        pass
    run.stop()
    assert list(training) == [], "neither steps nor the end of the epoch"
    status = run.status()
    assert (status.state, status.message) == ("stopped", "Stopped; no epoch was finished.")
    row = row_of(run.id)
    assert (row.checkpoint_epoch, row.checkpoint_step) == (1, progress.steps)
    run.resume()
    assert trained(run).state == "finished"
    assert len(load(run.last).history) == 1


def test_no_more_points_are_logged_than_a_screen_shows(home, monkeypatch):
    monkeypatch.setattr("vae.training.loop.STEPS_PER_CALL", 1)
    params = Params(**SMALL, batch_size=50, epochs=1, augmentation=0.1)  # Without XLA.
    run = store.create(params, "many")
    calls = sum(not progress.trained for progress in run_training(run))
    points = run.status().history.points
    assert calls == 120
    assert POINTS_PER_EPOCH - 1 <= len(points) <= POINTS_PER_EPOCH + 1
    assert points[-1].step == 120
    (epoch,) = load(run.last).history
    steps = np.diff([0, *(point.step for point in points)])
    for term in ("loss", "recon", "kl", "cls"):
        mean = np.average([getattr(point, term) for point in points], weights=steps)
        assert mean == pytest.approx(epoch[term], rel=1e-5)


def test_a_run_that_was_deleted_or_has_a_worker_is_not_trained(home):
    run = store.create(QUICK, "gone")
    training = run_training(run)
    next(training)
    with pytest.raises(RunError, match="is being trained already"):
        next(run_training(run))
    with pytest.raises(RunError, match="stop it first"):
        store.delete(run.id)
    training.close()
    store.delete(run.id)
    for act in (lambda: next(run_training(run)), lambda: work(run.id), run.resume, run.status):
        with pytest.raises(RunError, match=f"There is no run '{run.id}'"):
            act()
    assert not run.folder.exists() and store.list_ids() == []


def test_a_worker_whose_folder_disappears_ends(home):
    run = store.create(QUICK, "gone")
    training = run_training(run)
    next(training)
    shutil.rmtree(run.folder)
    with pytest.raises((RunError, WeightsError, OSError)):
        list(training)
    assert not run.folder.exists()


@pytest.mark.parametrize("missing", ["best", "last"])
def test_killed_between_two_saves_and_then_stopped_it_has_not_failed(once, home, missing):
    run = own_copy(once[1], home)
    getattr(run, missing).unlink()
    (run.folder / "checkpoint.safetensors").unlink()  # None was saved in this epoch yet.
    run.request(desired_state="stop")
    assert trained(run).state == "stopped"
    run.resume()
    assert trained(run).state == "finished"


def test_a_loss_that_is_no_number_in_a_validation_ends_the_run_and_harms_no_file(home, few_images):
    run = store.create(QUICK, "x")
    training = Training(QUICK, few_images)
    while not training.epoch_complete:
        training.advance()
    tensors = dict(training.model.to_trained().tensors)
    tensors["log_var.bias"] = np.full_like(tensors["log_var.bias"], 1e3)  # exp overflows.
    training.model.set_tensors(tensors)
    training.checkpoint().save(run.folder / "checkpoint.safetensors")
    with pytest.raises(TrainingError, match="no longer a number"):
        list(run_training(run))
    assert run.status().state == "failed"
    assert run.status().history.problems == []
    assert not run.last.exists()
    assert store.summaries()[0].state == "failed"


@pytest.mark.parametrize(
    ("prepare", "late"),
    [
        ({"desired_state": "pause"}, {"desired_state": "run"}),
        ({"desired_state": "pause"}, {"single_steps": 1}),
        ({"desired_state": "stop"}, {"desired_state": "run"}),
        ({}, {"target_epochs": 3}),
    ],
)
def test_a_request_made_while_a_worker_leaves_is_not_lost(home, monkeypatch, prepare, late):
    other = store.create(QUICK, "other")
    run = store.create(QUICK, "x")
    run.request(**prepare)
    if prepare.get("desired_state") == "pause":
        queue.submit(other.id)  # The paused worker gives its slot to it.
    progress = SteeredTraining.progress

    def request_at_the_last_moment(steered):
        yield from progress(steered)
        assert has_worker(run.id), "so `submit` does nothing"
        run.request(**late)
        run.submit()

    monkeypatch.setattr(SteeredTraining, "progress", request_at_the_last_moment)
    for _ in run_training(run):
        pass
    assert run.id in queue.ids()


def test_a_stop_requested_while_a_paused_worker_leaves_stops_the_run(home, monkeypatch):
    other, run = store.create(QUICK, "other"), store.create(QUICK, "x")
    run.request(desired_state="pause")
    queue.submit(other.id)
    progress = SteeredTraining.progress

    def stop_at_the_last_moment(steered):
        yield from progress(steered)
        run.stop()
        assert run.status().state == "paused"

    monkeypatch.setattr(SteeredTraining, "progress", stop_at_the_last_moment)
    assert trained(run).state == "stopped"


def test_a_run_without_a_folder_leaves_its_name_free(home):
    settings.RUNS.write_text("in the way")
    with pytest.raises(RunError, match="cannot be started"):
        store.start(QUICK, "x")
    settings.RUNS.unlink()
    assert store.list_ids() == []
    assert store.start(QUICK, "x").name == "x"


def test_what_cannot_be_requested_or_found_is_a_sentence(home):
    run = store.create(QUICK, "x")
    with pytest.raises(RunError, match="a value is out of its bounds"):
        run.resume(target_epochs=1001)
    for name in ("a" * 300, "../x", "", "no\0name", "nobody-20200101-000000"):
        with pytest.raises(RunError, match="There is no run"):
            store.get(name)


def test_a_resumed_run_that_ended_elsewhere_is_not_trained_again(finished):
    before = row_of(finished.id)
    work(finished.id)  # As when a cluster hands it out a second time.
    assert row_of(finished.id) == before
    assert queue.ids() == []


def test_the_process_of_a_test_that_fails_amid_a_training_is_not_killed_at_its_end(home):
    training = run_training(store.create(QUICK, "x"))
    next(training)
    leave(home)
    training.close()
