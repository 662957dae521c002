"""What the Train page shows of a run: its state, its figures, its curves and its pictures."""

import json
import shutil
from dataclasses import replace

import pytest
from app_testing import errors, warnings, words
from by_hand import Worker, alter, made
from filelock import FileLock

from ui.components.curves import MAX_POINTS, kl_bars, learning_curve
from ui.components.loss import contributions, loss_sum, rounded_sum
from ui.train import curves, film, live_view
from vae import PRESETS, Params, settings
from vae.data.mnist import first_test_examples
from vae.runs import dispatcher, store
from vae.runs.history import ParamChange, RunHistory
from vae.runs.snapshots import EARLY_STEPS
from vae.training.progress import Point


@pytest.fixture
def show(app):
    """Show a run, by its id, on the page."""

    def shown(run_id):
        app.query_params["run"] = run_id
        return app.switch_page("../pages/train.py").run()

    return shown


def test_a_run_that_was_cut_off_or_cannot_be_read_says_so(show):
    run = made("mine", losses=(), end="killed")
    page = show(run.id)
    assert "ended unexpectedly. Resume starts it again." in warnings(page)
    alter(run, params='{"z_dim": 0}')
    page.run()
    assert "cannot be read" in errors(page) and "Runs page" in errors(page)


def test_what_did_not_work_in_a_finished_run_is_a_warning(show):
    run = made("a")
    Worker(run).log.problem("The map of z was not saved.")
    page = show(run.id)
    assert "The map of z was not saved." in warnings(page) and page.success


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The folder of the models that ship, a copy."""
    shutil.copytree(settings.SHIPPED, tmp_path / "shipped")
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "shipped"


def test_without_mnist_a_shipped_run_has_its_history(show, shipped, monkeypatch):
    monkeypatch.setattr(settings, "MNIST", shipped / "missing.npz")
    first_test_examples.cache_clear()
    page = show("classic")
    assert "Validation after epoch 20, on 5,000 images held out: loss 48.6" in words(page)
    assert "On the test set, measured at the end: accuracy 96.00 %" in words(page)
    assert "This model ships with the app." in words(page)
    assert "dimensions of z in use" not in words(page)
    assert not page.error


def test_the_loss_of_the_report_is_shown_in_its_units_too(show):
    shown = words(show("report"))
    assert "Validation after epoch 20, on the test set: loss 78.4" in shown
    assert "In the lab report's units: loss 20.0126 = 100·0.1756 + 10·0.1336 + 10·0.1116." in shown


def test_a_damaged_model_that_ships_is_not_said_to_be_deletable(show, shipped):
    (shipped / "classic.safetensors").write_bytes(b"nonsense")
    page = show("classic")
    assert "damaged" in errors(page) and "Runs page" not in errors(page)


def test_a_run_that_became_worse_does_not_end_in_green(show):
    good, bad = made("good"), made("bad", losses=(40.0, 30.0, 20.0, 8600.0))
    page = show(bad.id)
    assert not page.success
    for part in ("Finished; it is saved.", "rose from 20 (epoch 2) to 8,600", "that of epoch 2"):
        assert part in page.warning[0].value
    page.selectbox(key="run").set_value(good.id).run()
    assert page.success[0].value == "Finished; it is saved."


def test_a_run_that_has_only_begun_is_shown_as_far_as_it_goes(show):
    run = made("a", losses=(3.5,), end="killed")
    page = show(run.id)
    assert "Validation before the training, on 5,000 images held out: loss" in words(page)
    page.session_state["details"] = True
    page.run()


def test_a_run_that_waits_has_no_empty_pictures_and_is_drawn_when_there_are_some(show, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    run = store.start(Params(), "waits")
    page = show(run.id)
    assert "Next in the queue." in [box.value for box in page.info] and not page.get("column")
    before = live_view.progress(run, run.status())["page"]
    Worker(run).start().epoch(0)
    assert live_view.progress(run, run.status())["page"] != before


def test_dimensions_in_use_have_one_definition(show):
    run = made("a", z_dim=2)
    assert "1 of 2 dimensions of z in use" in words(show(run.id))
    rows = kl_bars([0.5, 0.001], run.status().history.active[-1])["data"]["values"]
    assert [row["used"] for row in rows] == [True, False]
    assert rows[1]["height"] > rows[1]["kl"], "a collapsed dimension is a stump, not nothing"


def test_a_run_that_is_measured_says_so(show):
    run = made("a", end="measuring")
    with FileLock(run.folder / "lock"):
        page = show(run.id)
        assert "Measuring the model" in live_view.progress(run, run.status())["text"]
        buttons = {b.label: b for b in page.button}
        assert all(buttons[label].disabled for label in ("Pause", "Step", "Stop"))
        assert "Resume" not in buttons


def test_fewer_epochs_than_are_begun_are_no_target_yet(home):
    run = made("mine", end="paused", epochs=3)
    run.request(target_epochs=2)
    assert live_view._now(run, run.status()).startswith("Epoch 3 of 3 ·")


def test_the_axis_of_a_curve_has_room_and_short_numbers():
    one = learning_curve("loss", [], [(0, 399.026947)], 20)
    x, y = one["encoding"]["x"], one["layer"][0]["encoding"]["y"]
    low, high = y["scale"]["domain"]
    assert low < 399 < high and y["axis"]["format"] == ",.4~r"
    assert x["scale"]["padding"] > 0 and x["axis"]["format"] == "d"
    assert one["layer"][0]["encoding"]["color"]["legend"]["orient"] == "top"
    assert not any(layer["mark"].get("clip") for layer in one["layer"])


def test_the_loss_is_the_sum_that_is_shown():
    params = PRESETS["fast"]
    terms = {"recon": 46.84, "kl": 10.57, "cls": 0.1649, "consistency": 0.21}
    changes = [ParamChange(2.0, "kl_weight", 4.0), ParamChange(3.0, "learning_rate", 0.1)]
    assert loss_sum(terms, 2.0, params, changes) == (
        "60.3 = recon 46.8 + β·KL 10.6 + 10·cls 1.6 + 6·consistency 1.3"
    )
    assert contributions(terms, 2.01, params, changes)["kl"] == pytest.approx(42.28)
    assert "consistency" not in contributions(terms, 1.0, PRESETS["classic"])
    assert loss_sum({**terms, "recon": float("nan")}, 1.0, params) == "not a number"


@pytest.mark.parametrize("decimals", [1, 2])
@pytest.mark.parametrize("values", [(46.84, 10.57, 1.649), (0.04, 0.04, 0.04), (1e5, 0.05, -0.02)])
def test_rounded_numbers_add_up(values, decimals):
    total, *parts = (float(t.replace(",", "")) for t in rounded_sum(values, decimals))
    assert total == pytest.approx(sum(parts)) == pytest.approx(round(sum(values), decimals))
    for part, value in zip(parts, values, strict=True):
        assert abs(part - value) < 10**-decimals


def test_the_message_to_the_curves_does_not_grow_with_the_run(home):
    run, params = made("mine"), Params(epochs=1000)
    points = [
        Point(epoch, 6 * i, 600, 59.0, 46.8, 10.6, 0.16, 5e4)
        for epoch in range(1, 301)
        for i in range(1, 101)
    ]
    history = RunHistory(
        epochs=[{"epoch": e, "val_loss": 59.0, "val_kl": float("inf")} for e in range(301)],
        kl_per_dimension=[[0.5] * 10] * 301,
        active=[[True] * 10] * 301,
        confusion=[[]] * 301,
    )
    for epochs in (30, 300):
        part = replace(history, points=points[: 100 * epochs])
        sent = curves.message(run, replace(run.status(), history=part, params=params))
        assert 50 < len(sent["x"]) <= MAX_POINTS + 1 and sent["x"][-1] == epochs
        assert len(sent["validatedX"]) <= MAX_POINTS + 1 and sent["validatedX"][-1] == 300
        assert sum(term["values"][-1] for term in sent["stack"]) == pytest.approx(59.0)
        assert len(json.dumps(sent, allow_nan=False)) < 30_000


def test_a_long_training_has_a_bounded_number_of_moments(home):
    run = made("mine", losses=[40.0] * 121, epochs=120)
    worker = Worker(run)
    for step in EARLY_STEPS:
        worker.picture(0, step)
    moments = film.message(run, run.status())["moments"]
    assert len(moments) <= film.MAX_EPOCHS + len(EARLY_STEPS) + 2
    labels = [label for _, label, _ in moments]
    assert labels[:3] == ["before training", "after 10 steps", "after 30 steps"]
    assert labels[-1] == "after epoch 120"
    assert run.snapshot(moments[-1][2]).read() == run.snapshots()[-1].read()


@pytest.mark.parametrize("held_out", [0, 1000])
def test_each_moment_has_one_picture(home, held_out):
    run = made("mine", losses=(40.0, 35.0, 33.0), epochs=2, batch_size=200, held_out=held_out)
    worker = Worker(run)
    for step in EARLY_STEPS:
        if step <= run.params.steps_per_epoch():
            worker.picture(0, step)
    moments = [epochs for epochs, _ in film.pictured(run, run.status())]
    assert moments == sorted({*moments}) and moments[-2:] == [1, 2]
