"""The trainings of the models that come with the app."""

import shutil

import pytest

from vae import PRESETS, load, settings
from vae.data.mnist import first_test_examples
from vae.errors import RunError
from vae.files.weights import save
from vae.model.numpy_model import TrainedVAE
from vae.runs import snapshots, store
from vae.runs.notices import notices


@pytest.mark.parametrize("name", PRESETS)
def test_a_shipped_model_is_a_finished_run(home, mnist, name):
    run, model = store.get(name), load(name)
    status = run.status()
    assert (run.ships, run.params, status.state) == (True, PRESETS[name], "finished")
    assert not status.may_change and not status.history.problems and not status.seconds_left
    assert [e["val_loss"] for e in status.history.epochs] == [e["val_loss"] for e in model.history]
    assert run.measured() == model.metrics
    kl = status.history.kl_per_dimension[-1]
    assert sum(kl) == pytest.approx(model.metrics["kl"], rel=0.1)
    assert sum(status.history.active[-1]) == model.metrics["active_units"]
    assert status.history.points[-1].loss == model.history[-1]["loss"]
    assert notices(status.history, run.params.labelled) == []
    (snapshot,) = run.snapshots()
    assert snapshot.label == f"after epoch {len(model.history)}"
    assert snapshot.read() == snapshots.render(model, mnist.test)


def test_it_can_neither_be_changed_nor_deleted(home):
    run = store.get("classic")
    acts = (run.stop, run.resume, run.single_step, lambda: run.describe("a", "b"))
    for act in acts:
        with pytest.raises(RunError, match="ships with the app"):
            act()
    with pytest.raises(RunError, match="There is no run"):
        store.delete(run.id)
    assert store.list_ids() == []
    assert run.last.exists()


def test_all_runs_are_listed_with_those_that_ship_below(home):
    own = store.create(PRESETS["classic"], "mine")
    assert store.all_ids() == [own.id, *PRESETS]
    assert [s.run_id for s in store.shipped_summaries()] == [*PRESETS]
    assert [s.run_id for s in store.summaries()] == [own.id]


def test_a_missing_or_damaged_model_is_no_run(home, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setattr(settings, "SHIPPED", shipped)
    assert store.all_ids() == []
    with pytest.raises(RunError, match="There is no run"):
        store.get("classic")
    (shipped / "classic.safetensors").write_bytes(b"nonsense")
    (summary,) = store.shipped_summaries()
    assert summary.run is None and "damaged" in summary.problem and summary.ships
    with pytest.raises(RunError, match="damaged"):
        store.get("classic")
    shutil.rmtree(shipped)


def test_without_mnist_it_has_its_history_and_no_pictures(home, tmp_path, monkeypatch):
    shutil.copy(settings.SHIPPED / "classic.safetensors", tmp_path)
    monkeypatch.setattr(settings, "SHIPPED", tmp_path)
    monkeypatch.setattr(settings, "MNIST", tmp_path / "missing.npz")
    first_test_examples.cache_clear()
    run = store.get("classic")
    history = run.status().history
    assert len(history.epochs) == 20 and run.snapshots() == []
    assert not history.kl_per_dimension[-1] and history.active[-1] is None


@pytest.mark.parametrize(("metrics", "epochs"), [({"kl": 11.6}, 20), ({}, 0)])
def test_a_model_file_need_not_have_all_figures(home, tmp_path, monkeypatch, metrics, epochs):
    model = load("classic")
    save(
        tmp_path / "classic.safetensors",
        TrainedVAE(model.params, model.tensors, metrics, model.history[:epochs]),
    )
    monkeypatch.setattr(settings, "SHIPPED", tmp_path)
    run = store.get("classic")
    history, (summary,) = run.status().history, store.shipped_summaries()
    assert summary.figures == run.figures
    lists = (history.points, history.epochs, history.kl_per_dimension, history.confusion)
    assert {len(history.active), *map(len, lists)} == {epochs}


def test_the_first_test_examples_are_those_of_all(mnist):
    few = first_test_examples()
    assert (few.x == mnist.test.x[: len(few.x)]).all()
    assert (few.y == mnist.test.y[: len(few.y)]).all()
    assert set(few.y) == set(range(10))
