import os
import signal

import numpy as np
import pytest
from conftest import trainer_of, wait_until
from small_runs import SMALL, ended

from vae import Params, load, settings, train
from vae.errors import ParamsError, RunError, WeightsError
from vae.params import bounds
from vae.runs import listing
from vae.runs import run as runs

# Two points an epoch.
QUICK = Params(**SMALL, batch_size=500, epochs=2)
# As long as can be without XLA, whose compiler would take longer.
LONG = QUICK.model_copy(update={"batch_size": 1000, "epochs": 16})


@pytest.fixture
def start(shared_home):
    started = []

    def start(name, params=QUICK, **more):
        started.append(runs.start(params, name, **more))
        return started[-1]

    yield start
    for run in started:
        if run.folder.exists():
            run.stop()
    for run in started:
        wait_until(lambda run=run: not runs.has_worker(run.id))


@pytest.fixture(scope="module")
def quick(shared_home):
    run = runs.start(QUICK, "quick")
    assert run.status().state in ("queued", "starting")
    ended(run)
    return run


@pytest.fixture(scope="module")
def alone():
    *_, last = train(QUICK)
    return last.trained


def test_a_run_from_start_to_end(quick, alone):
    run, status = quick, quick.status()
    assert run.id in runs.ids()
    assert runs.get(run.id).params == QUICK
    with pytest.raises(RunError, match="There is a model named 'quick' already"):
        runs.start(QUICK, "quick")
    assert status.state == "finished"
    assert status.message == "Finished; the model of epoch 2 is saved."
    assert status.epochs_done == 2
    points = status.history.points
    assert [point.step for point in points] == [60, 120, 60, 120]
    assert points[-1].loss < points[0].loss
    model = load("quick")
    assert status.history.epochs[1:] == model.history
    assert load(run.last).metrics == model.metrics
    assert model.metrics["accuracy"] == pytest.approx(model.history[-1]["val_accuracy"])
    assert (run.folder / "trainer.log").read_text() == ""
    assert list(run.samples()) == [0, 1, 2]

    # What the trainer tells is what the twin computes from its model.
    kl, confusion = status.history.kl_per_dimension[-1], status.history.confusion[-1]
    assert len(kl) == QUICK.z_dim
    assert sum(kl) == pytest.approx(model.metrics["kl"], rel=1e-3)
    assert confusion == model.metrics["confusion"]

    # And the same as training without anybody watching.
    for name, array in alone.tensors.items():
        assert np.array_equal(array, model.tensors[name]), name


def test_stopping_and_going_on_for_fewer_epochs_than_were_meant(start):
    run = start("stopped", LONG)
    wait_until(lambda: run.status().history.epochs[1:])
    with pytest.raises(RunError, match="It is being trained; stop it first"):
        run.delete()
    run.stop()
    status = ended(run)
    done = len(status.history.epochs) - 1
    assert status.state == "stopped"
    assert status.message == f"Stopped; the model of epoch {done} is saved."
    assert load("stopped").metrics["accuracy"] > 0.1

    run.resume(target_epochs=done + 2)
    assert run.status().target_epochs == done + 2
    assert ended(run).state == "finished"
    assert len(load("stopped").history) == done + 2


def test_going_on_for_longer(start):
    short = start("longer")
    assert ended(short).state == "finished"
    short.resume(target_epochs=4)
    assert short.status().is_active
    status = ended(short)
    assert status.state == "finished" and status.target_epochs == 4
    assert [entry["epoch"] for entry in status.history.epochs] == [0, 1, 2, 3, 4]
    *_, last = train(QUICK.model_copy(update={"epochs": 4}))
    # As if it had been meant to be so long from the beginning.
    assert load("longer").history == [
        pytest.approx(entry, rel=1e-6) for entry in last.trained.history
    ]


def test_a_pause_and_single_steps(start, alone):
    run = start("stepwise", paused=True)
    wait_until(lambda: run.status().state == "paused")
    assert not run.status().history.points
    for n in (1, 2, 3):
        run.single_step()
        wait_until(lambda n=n: len(run.status().history.points) == n)
    assert [point.step for point in run.status().history.points] == [1, 2, 3]
    wait_until(lambda: run.status().history.checkpoint == (1, 3))
    untrained = run.status().history.epochs
    os.kill(trainer_of(run), signal.SIGKILL)
    wait_until(lambda: not runs.has_worker(run.id))
    run.single_step()  # Goes on from its third step, and keeps to what it told of epoch 0.
    wait_until(lambda: len(run.status().history.points) == 4)
    assert run.status().history.epochs == untrained
    wait_until(lambda: (run.folder / "samples" / "now.png").exists())
    run.resume()
    wait_until(lambda: run.status().state == "running")
    run.request(desired_state="pause")
    wait_until(lambda: run.status().state in ("paused", "finished"))
    run.resume()
    status = ended(run)
    assert status.state == "finished"
    # The same model as without a pause: only the points are others.
    assert load("stepwise").history == [pytest.approx(entry, rel=1e-6) for entry in alone.history]


def test_a_paused_run_leaves_its_place_to_one_that_waits(start):
    paused = [start(f"polite-{i}", LONG, paused=True) for i in range(2)]
    for run in paused:
        wait_until(lambda run=run: run.status().state == "paused")
    third = start("third")  # There are two workers.
    assert ended(third).state == "finished"
    left = [run for run in paused if not runs.has_worker(run.id)]
    assert left and left[0].status().state == "paused"
    left[0].single_step()
    wait_until(lambda: left[0].status().history.points)
    left[0].stop()
    assert ended(left[0]).state == "stopped"


def test_dials_are_turned_while_it_runs_and_marked(start):
    run = start("dialled", LONG)
    wait_until(lambda: run.status().history.epochs[1:])
    run.request(live_params={"kl_weight": 50.0})
    run.request(live_params={"learning_rate": 0.01})
    changes = wait_until(lambda: len(m := run.status().history.changes) == 2 and m)
    assert [(change.param, change.value) for change in changes] == [
        ("kl_weight", 50.0),
        ("learning_rate", 0.01),
    ]
    turned = changes[0].epochs_done
    wait_until(lambda: run.status().epochs_done > turned + 2)
    points = run.status().history.points
    before = [point.kl for point in points if point.epochs_done <= turned]
    assert points[-1].kl < before[-1] / 2
    with pytest.raises(RunError, match="kl_weight must be a number between 0 and 100"):
        run.request(live_params={"kl_weight": -1.0})
    assert run.status().is_active


def test_a_run_is_described_copied_saved_and_deleted(start):
    run = start("kept")
    ended(run)
    run.describe("  My first <b>VAE</b> ", "β was 1")
    again = runs.get(run.id)
    assert (again.title, again.note) == ("My first <b>VAE</b>", "β was 1")
    run.publish(run.best, "kept-best")
    best = min(load(run.last).history, key=lambda entry: entry["val_loss"])
    assert load("kept-best").history[-1] == best
    with pytest.raises(RunError, match="There is a model named 'kept-best' already"):
        run.publish(run.last, "kept-best")
    with pytest.raises(WeightsError, match="A model's name is"):
        run.publish(run.last, "../evil")
    run.delete()
    assert run.id not in runs.ids()
    assert load("kept").params == QUICK  # The model stays.
    with pytest.raises(RunError):
        runs.get(run.id)


def test_summaries_say_what_the_whole_story_says(quick):
    waits = runs.create(QUICK, "never")
    listed = {summary.run.id: summary for summary in listing.summaries()}
    assert list(listed) == runs.ids()
    for run_id, summary in listed.items():
        status = runs.get(run_id).status()
        assert summary.state == status.state
        assert summary.figures == (status.history.epochs[-1] if status.history.epochs else {})
    assert listed[waits.id].state == "stopped"
    assert waits.status().message == "It has not begun. Resume begins it."


def test_a_training_that_fails_says_why(start):
    run = start("lost")
    (settings.MODELS / "lost.safetensors").mkdir(parents=True)
    status = ended(run)
    assert status.state == "failed"
    assert status.message.startswith("The training failed: ")
    assert "cannot be written" in status.message


def test_names_that_cannot_be(home):
    with pytest.raises(WeightsError, match="A model's name is"):
        runs.start(Params(), "../evil")
    with pytest.raises(RunError, match="There is a model named 'classic' already"):
        runs.start(Params(), "classic")
    assert runs.ids() == []


def test_a_model_that_is_too_large_is_refused(home):
    huge = Params(encoder_layers=[512], encoder_filters=[128], decoder_filters=[128])
    with pytest.raises(ParamsError, match="weights"):
        runs.start(huge, "huge")


def test_folders_that_are_no_runs(home):
    for name, content in (("a-20260101-000000", None), ("b-20260101-000001", "{")):
        folder = settings.RUNS / name
        folder.mkdir(parents=True)
        if content:
            (folder / "params.json").write_text(content)
        with pytest.raises(RunError, match="holds no readable run"):
            runs.get(name)
    assert runs.ids() == ["b-20260101-000001", "a-20260101-000000"]
    assert listing.summaries() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"want": "fly"}',
        '{"live_params": {"seed": 1}}',
        '{"live_params": {"kl_weight": "1"}}',
        '{"epochs": -3}',
        '{"epochs": "3"}',
    ],
)
def test_wishes_that_make_no_sense_are_none(home, text):
    run = runs.create(QUICK, "x")
    (run.folder / "control.json").write_text(text)
    from vae.runs import control

    assert control.read(run.folder) == control.Control()


def test_runs_cannot_be_made_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(settings, "RUNS", tmp_path / "file" / "runs")
    with pytest.raises(RunError, match="cannot be started: Not a directory"):
        runs.start(Params(), "x")


def test_dials_have_their_parameters_bounds(home):
    run = runs.create(QUICK, "y")
    for param in ("learning_rate", "kl_weight", "digit_classification_weight"):
        high = bounds(param).high
        run.request(live_params={param: high})
        with pytest.raises(RunError, match=param):
            run.request(live_params={param: high * 2})
