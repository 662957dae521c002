import json
import os
import signal

import pytest
from conftest import wait_until

from vae import Params, load, paths, runs
from vae.weights import WeightsError


@pytest.fixture
def quick(home):
    started = []

    def start(name="quick", **params):
        started.append(runs.start(Params(**params), name))
        return started[-1]

    yield start
    for run in started:
        run.stop()
    for run in started:
        wait_until(lambda run=run: not run.status().live)


def pid_of(run):
    first = (run.folder / "events.jsonl").read_text().splitlines()[0]
    return json.loads(first)["pid"]


def test_a_run_from_start_to_end(quick):
    run = quick(epochs=1)
    assert run.status().state == "starting"
    assert runs.ids() == [run.id]
    assert runs.get(run.id).params == Params(epochs=1)
    with pytest.raises(runs.RunError, match="There is a model named 'quick' already"):
        runs.start(Params(), "quick")
    with pytest.raises(runs.RunError, match="'quick' is being trained and this server trains 1"):
        runs.start(Params(), "second")

    wait_until(lambda: not run.status().live)
    status = run.status()
    assert (status.state, status.message) == (
        "finished",
        "Finished; the model of epoch 1 is saved.",
    )
    assert [step.step for step in status.steps] == list(range(60, 601, 60))
    assert status.epochs_done == 1
    assert status.steps[-1].loss < status.steps[0].loss
    model = load("quick")
    assert [dict(epoch) for epoch in status.epochs] == model.history
    assert model.metrics["accuracy"] > 0.9
    assert (run.folder / "trainer.log").read_text() == ""


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("VAE_WORKERS", "1")


def test_stopping_keeps_the_last_finished_epoch(quick):
    run = quick(epochs=100)
    wait_until(lambda: run.status().epochs)
    run.stop()
    wait_until(lambda: not run.status().live)
    status = run.status()
    assert status.state == "stopped"
    assert status.message == f"Stopped; the model of epoch {len(status.epochs)} is saved."
    assert load("quick").history == status.epochs
    assert load("quick").metrics["accuracy"] > 0.9


def test_a_killed_trainer_is_seen_and_loses_no_finished_epoch(quick):
    run = quick(epochs=100)
    wait_until(lambda: run.status().epochs)
    os.kill(pid_of(run), signal.SIGKILL)
    wait_until(lambda: not run.status().live)
    status = run.status()
    assert status.state == "killed"
    assert status.message == (
        f"Its process ended without a word; the model of epoch {len(status.epochs)} is kept."
    )
    assert len(load("quick").history) >= len(status.epochs)
    with (run.folder / "events.jsonl").open("a") as events:
        events.write('{"event": "step", "epo')
    assert runs.get(run.id).status() == status


def test_a_training_that_fails_says_why(quick, monkeypatch):
    (paths.MODELS).parent.mkdir(exist_ok=True)
    paths.MODELS.write_text("a file where the folder should be")
    run = quick(epochs=1)
    wait_until(lambda: not run.status().live)
    status = run.status()
    assert status.state == "failed"
    assert status.message.startswith("The training failed: ")
    assert "cannot be written" in status.message


def test_names_that_cannot_be(home):
    with pytest.raises(WeightsError, match="A model's name is"):
        runs.start(Params(), "../evil")
    with pytest.raises(runs.RunError, match="There is a model named 'classic' already"):
        runs.start(Params(), "classic")
    assert runs.ids() == []


def test_folders_that_are_no_runs(home):
    for name, content in (("a-20260101-000000", None), ("b-20260101-000001", "{")):
        folder = paths.RUNS / name
        folder.mkdir(parents=True)
        if content:
            (folder / "params.json").write_text(content)
        with pytest.raises(runs.RunError, match="holds no readable run"):
            runs.get(name)
    assert runs.ids() == ["b-20260101-000001", "a-20260101-000000"]


def test_runs_cannot_be_made_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "file" / "runs")
    with pytest.raises(runs.RunError, match="cannot be started: Not a directory"):
        runs.start(Params(), "x")
