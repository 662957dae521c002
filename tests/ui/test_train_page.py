"""The Train page: the bar that starts and steers a run, and what is shown of the run."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from app_testing import button, warnings, words

from ui.components.curves import MAX_POINTS
from ui.components.loss import contributions, loss_sum, rounded_sum
from ui.shell.labels import allowed, duration, parameter
from ui.train import film, live_view
from ui.train.curves import message
from ui.train.film import MAX_EPOCHS, pictured
from ui.train.film import message as film_message
from vae import PRESETS, Params, settings
from vae.data.mnist import first_test_examples
from vae.images import to_png
from vae.params import bounds
from vae.runs import dispatcher, store
from vae.runs.history import ParamChange, RunHistory
from vae.runs.snapshots import EARLY_STEPS, file_name
from vae.runs.timing import REFERENCE_SECONDS
from vae.training.progress import Point

TRAIN = "../pages/train.py"


def show(app, advanced=False):
    """The page, with all parameters if asked for."""
    app.switch_page(TRAIN)
    if advanced:
        app.session_state["advanced"] = True
    return app.run()


@pytest.mark.parametrize("own", [False, True])
def test_a_link_to_a_run_that_does_not_exist_says_so(app, own):
    shown = store.create(Params(), "there").id if own else "classic"
    app.query_params["run"] = "missing-1-2"
    show(app)
    said = warnings(app).replace("\\", "")
    assert said.startswith(f"There is no run 'missing-1-2'. Shown: {shown}.")
    assert app.selectbox(key="run").value == shown


def test_every_parameter_has_a_widget_with_its_bounds(app):
    show(app, advanced=True)
    kinds = (app.slider, app.text_input, app.selectbox, app.toggle)
    widgets = {widget.key: widget for kind in kinds for widget in kind}
    for name, field in Params.model_fields.items():
        widget = widgets[f"param_{name}"]
        assert widget.label == parameter(name) and "_" not in widget.label
        assert allowed(name) in widget.help or field.annotation is bool
        if widget.type == "slider":
            assert (widget.min, widget.max) == bounds(name)
    assert widgets["param_encoder_layers"].value == "128"


def test_durations():
    assert [duration(s) for s in (59.4, 59.6, 299.6)] == ["59 s", "1 min 0 s", "5 min"]


def test_a_preset_fills_the_form(app):
    show(app, advanced=True)
    seconds = duration(REFERENCE_SECONDS["classic"])
    assert f"About {seconds} (a measurement on two cores)." in words(app)
    app.selectbox(key="preset").set_value("conv").run()
    assert app.text_input(key="param_digit_classification_filters").value == "32, 64, 96"
    assert app.text_input(key="param_learning_rate").value == "0.0015"
    assert app.selectbox(key="param_likelihood").value == "bernoulli"
    assert app.toggle(key="param_encoder_sees_label").value is True
    app.text_input(key="run_name").set_value("big")
    app.text_input(key="param_decoder_layers").set_value("512")
    app.text_input(key="param_decoder_filters").set_value("128").run()
    assert "may have 10 million weights at most" in app.error[0].value
    assert button(app, "Start training").disabled and button(app, "Step").disabled


def test_what_is_typed_is_what_is_trained(app):
    show(app, advanced=True)
    typed = {"batch_size": "250", "learning_rate": "2e-3", "kl_weight": "0", "seed": "007"}
    typed["encoder_layers"] = "64,32"
    for name, text in typed.items():
        app.text_input(key=f"param_{name}").set_value(text)
    app.text_input(key="run_name").set_value("mine")
    button(app, "Step").click().run()
    assert not app.error
    run = store.get(store.list_ids()[0])
    assert run.name == "mine" and run.status().control.desired_state == "pause"
    assert run.params == Params(
        batch_size=250, learning_rate=0.002, kl_weight=0, seed=7, encoder_layers=(64, 32)
    )


def test_the_name_is_checked_while_it_is_typed(app):
    show(app)
    store.create(Params(), "taken")
    for name, sentence in (
        ("../evil", "A model's name is"),
        ("conv", "There is a model named 'conv' already"),
        ("taken", "A run has the name 'taken' already"),
    ):
        app.text_input(key="run_name").set_value(name).run()
        assert sentence in app.error[0].value
        assert button(app, "Start training").disabled
    app.text_input(key="run_name").set_value("free").run()
    assert not app.error and not button(app, "Start training").disabled


def test_a_name_that_is_typed_after_a_start_stays(app, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    show(app)
    for name in ("mine", "yours"):
        app.text_input(key="run_name").set_value(name).run()
        assert app.text_input(key="run_name").value == name
        button(app, "Start training").click().run()
        button(app, "New run").click().run()
    assert [store.name_of(run_id) for run_id in store.list_ids()] == ["yours", "mine"]
    assert app.text_input(key="run_name").value == "classic-1"
    store.create(Params(), "classic-1")  # Another visitor was quicker.
    app.run()
    assert app.text_input(key="run_name").value == "classic-2"


def test_a_run_that_was_cut_off_or_damaged_says_so(app, home):
    folder = settings.RUNS / "mine-20260101-000000"
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(Params(epochs=3).to_json())
    began = '{"event": "worker_started", "at": 1, "pid": 1, "host": "h"}'
    (folder / "events.jsonl").write_text("\n".join([began, "3", '{"event": "point"}', '{"ev']))
    show(app)
    assert "ended unexpectedly. Resume starts it again." in warnings(app)
    assert "Line 2" in warnings(app), "what cannot be read is not dropped silently"
    (folder / "params.json").write_text("{")
    app.run()
    assert "cannot be read" in app.error[0].value and "Runs page" in app.error[0].value


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The folder of the models that ship, a copy."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in PRESETS:
        shutil.copy(settings.SHIPPED / f"{name}.safetensors", folder)
    monkeypatch.setattr(settings, "SHIPPED", folder)
    return folder


def test_without_mnist_a_shipped_run_has_its_history(app, shipped, monkeypatch):
    monkeypatch.setattr(settings, "MNIST", shipped / "missing.npz")
    first_test_examples.cache_clear()
    app.query_params["run"] = "classic"
    show(app)
    assert "On the test set after epoch 20: loss 48.0" in words(app)
    assert "This model ships with the app." in words(app)
    assert "dimensions of z in use" not in words(app)
    assert not app.error


def test_a_damaged_model_that_ships_is_not_said_to_be_deletable(app, shipped):
    (shipped / "classic.safetensors").write_bytes(b"nonsense")
    app.query_params["run"] = "classic"
    show(app)
    assert "damaged" in app.error[0].value and "Runs page" not in app.error[0].value


def test_the_name_follows_the_preset(app):
    show(app)
    assert app.text_input(key="run_name").value == "classic-1"
    app.selectbox(key="preset").set_value("fast").run()
    assert app.text_input(key="run_name").value == "fast-1"
    app.text_input(key="run_name").set_value("mine")
    app.selectbox(key="preset").set_value("conv").run()
    assert app.text_input(key="run_name").value == "mine"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "decoder_layers",
            "128 64",
            "Decoder layers must be 1 to 3 sizes separated by commas, such as 128, 64 "
            "(whole numbers between 1 and 512).",
        ),
        ("batch_size", "5", "Batch size must be a whole number between 20 and 1000."),
        ("batch_size", "", "Batch size must be a whole number between 20 and 1000."),
        ("learning_rate", "fast", "Learning rate must be a number between 0.00001 and 0.1."),
        ("kl_weight", "nan", "KL weight β must be a number between 0 and 100."),
        ("seed", "1.5", "Seed must be a whole number between 0 and 2147483647."),
    ],
)
def test_what_cannot_be_trained_says_why_and_is_not_started(app, name, text, sentence):
    show(app, advanced=True)
    app.text_input(key=f"param_{name}").set_value(text)
    button(app, "Start training").click()  # At the same moment: it was not disabled yet.
    app.run()
    assert f"A new run cannot be started. {sentence}" in [error.value for error in app.error]
    assert button(app, "Start training").disabled
    assert store.list_ids() == []
    app.selectbox(key="preset").set_value("fast").run()
    assert not app.error and not button(app, "Start training").disabled


def png(value):
    """A picture of one pixel."""
    return to_png(np.full((1, 1), value % 256, np.uint8))


def made(name, epochs=3, params=None, paused=False):
    """A run with a log and pictures, whose process is gone unless it is paused."""
    params = params or Params(epochs=epochs)
    run = store.create(params, name)
    steps = params.steps_per_epoch()
    events = [
        {"event": "worker_started", "pid": 1, "host": "here"},
        {"event": "training_started", "epoch": 1, "step": 0, "steps": steps},
    ]
    terms = {"loss": 59.0, "recon": 46.8, "kl": 10.6, "cls": 0.16}
    (run.folder / "samples").mkdir()
    for epoch in range(epochs + 1):
        figures = {f"val_{term}": value for term, value in terms.items()}
        if epoch:
            point = {"epoch": epoch, "step": steps, "steps": steps, "examples_per_second": 5e4}
            events.append({"event": "point", **point, **terms})
        events.append(
            {
                "event": "epoch",
                "figures": {"epoch": epoch, "val_accuracy": 0.9, **figures},
                "kl_per_dimension": [0.5] * params.z_dim,
                "active": [True] * params.z_dim,
                "confusion": [[1] * 10] * 10,
            }
        )
        (run.folder / "samples" / file_name(epoch)).write_bytes(png(epoch))
    if paused:
        events.append({"event": "paused"})
    else:
        events.append({"event": "finished", "message": "Finished; it is saved."})
    lines = [json.dumps({"at": 1.0, **event}) for event in events]
    (run.folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    return store.get(run.id)


def test_fewer_epochs_than_are_begun_are_no_target_yet(home):
    run = made("mine", paused=True)
    run.request(target_epochs=2)
    assert live_view._progress(run, run.status()).startswith("Epoch 3 of 3 ·")


def test_the_bar_steers_with_the_controls_that_start(app, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    run = made("mine", paused=True, params=Params(epochs=3, z_dim=4, decoder_std=0.3))
    app.query_params["run"] = run.id
    show(app, advanced=True)
    own = {w.key: w for kind in (app.slider, app.text_input, app.selectbox) for w in kind}
    field = lambda name: own[f"of_{name}_{run.id}"]  # noqa: E731
    assert (field("z_dim").value, field("decoder_std").value) == (4, 0.3)
    assert field("z_dim").disabled and field("decoder_std").disabled and field("seed").disabled
    live = ("kl_weight", "epochs", "learning_rate", "digit_classification_weight")
    assert not any(field(name).disabled for name in live)
    field("kl_weight").set_value("0").run()
    assert store.get(run.id).status().control.live_params == {"kl_weight": 0.0}
    app.text_input(key=f"of_epochs_{run.id}").set_value("50").run()
    assert store.get(run.id).status().target_epochs == 50
    for name, text in (("epochs", "0"), ("kl_weight", "lots"), ("learning_rate", "1")):
        before = app.text_input(key=f"of_{name}_{run.id}").value
        app.text_input(key=f"of_{name}_{run.id}").set_value(text).run()
        assert app.error[0].value == f"{parameter(name)} must be {allowed(name)}."
        assert app.text_input(key=f"of_{name}_{run.id}").value == before
    run.request(live_params={"kl_weight": 2.5})  # Another visitor.
    app.run()
    assert not app.error
    assert app.text_input(key=f"of_kl_weight_{run.id}").value == "2.5"
    button(app, "Resume").click().run()
    assert store.get(run.id).status().state == "queued"
    button(app, "Cancel").click().run()
    assert store.get(run.id).status().state == "stopped"


def test_a_new_run_beside_one_that_trains(app, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    show(app)
    app.text_input(key="param_kl_weight").set_value("2").run()
    made("mine", paused=True)
    app.run()
    assert "Start training" in [b.label for b in app.button], "for whoever has not chosen it"
    app.selectbox(key="run").set_value(store.list_ids()[0]).run()
    assert "Start training" not in [b.label for b in app.button]
    button(app, "New run").click().run()
    assert app.text_input(key="param_kl_weight").value == "2", "the form is as it was"
    button(app, "Steer this run").click().run()
    assert "Resume" in [b.label for b in app.button]


@pytest.mark.parametrize("source", ["mine", "fast"])
def test_the_parameters_of_a_run_are_filled_into_the_form(app, source):
    if source == "mine":
        params = PRESETS["classic"].model_copy(update={"z_dim": 3, "kl_weight": 0.5, "epochs": 3})
        run = made("mine-7", params=params)
        made("other", params=params.model_copy(update={"seed": 1}))
    else:
        run = store.get("fast")
    show(app)
    app.selectbox(key="run").set_value(run.id).run()
    runs = len(store.list_ids())
    button(app, "Copy parameters to form").click().run()
    assert len(store.list_ids()) == runs, "nothing starts by itself"
    seed, name = (2, "mine-1") if source == "mine" else (1, "fast-1")
    assert app.text_input(key="run_name").value == name
    assert app.selectbox(key="preset").value == ("classic" if source == "mine" else "fast")
    button(app, "Step").click().run()
    started = store.get(store.list_ids()[0])
    assert started.name == name
    assert started.params == run.params.model_copy(update={"seed": seed})


def test_a_link_fills_the_form_with_the_parameters_of_a_run(app):
    app.query_params["like"] = "conv"
    show(app)
    assert app.text_input(key="run_name").value == "conv-1"
    assert app.selectbox(key="preset").value == "conv"
    app.query_params["like"] = "../missing"
    app.run()
    assert "There is no run" in app.error[0].value


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
    status = made("mine").status()
    params = Params(epochs=1000)
    points = [
        Point(epoch, 6 * i, 600, 59.0, 46.8, 10.6, 0.16, 5e4)
        for epoch in range(1, 301)
        for i in range(1, 101)
    ]
    history = RunHistory(
        points=points,
        epochs=[{"epoch": e, "val_loss": 59.0, "val_kl": float("inf")} for e in range(301)],
        kl_per_dimension=[[0.5] * 10] * 301,
        active=[[True] * 10] * 301,
        confusion=[[]] * 301,
    )
    sizes = []
    for epochs in (30, 300):
        part = replace(history, points=points[: 100 * epochs])
        sent = message(store.get(store.list_ids()[0]), replace(status, history=part, params=params))
        assert 50 < len(sent["x"]) <= MAX_POINTS + 1 and sent["x"][-1] == epochs
        assert len(sent["testX"]) <= MAX_POINTS + 1 and sent["testX"][-1] == 300
        assert sum(term["values"][-1] for term in sent["stack"]) == pytest.approx(59.0)
        sizes.append(len(json.dumps(sent, allow_nan=False)))
    assert max(sizes) < 30_000


def test_the_pictures_that_are_sent_are_the_newest_and_those_asked_for(home):
    run = made("mine", epochs=120)
    for step in EARLY_STEPS:
        (run.folder / "samples" / file_name(0, step)).write_bytes(png(step))
    moments = pictured(run, run.status())
    assert len(moments) <= MAX_EPOCHS + len(EARLY_STEPS) + 2
    labels = [snapshot.label for _, snapshot in moments]
    assert labels[:3] == ["before training", "after 10 steps", "after 30 steps"]
    assert labels[-1] == "after epoch 120"
    sent = film_message(run, moments)
    assert [epochs for epochs, _ in sent["frames"]] == [120]
    wanted = [epochs for epochs, _ in moments][:3]
    sent = film_message(run, moments, wanted)
    assert [epochs for epochs, _ in sent["frames"]] == [*wanted, 120]


@pytest.mark.parametrize("held_out", [0, 1000])
def test_each_moment_has_one_picture(home, held_out):
    params = Params(epochs=2, batch_size=200, held_out=held_out)
    run = made("mine", params=params, epochs=2)
    for step in EARLY_STEPS:
        if step <= params.steps_per_epoch():
            (run.folder / "samples" / file_name(0, step)).write_bytes(png(step))
    moments = [epochs for epochs, _ in pictured(run, run.status())]
    assert moments == sorted({*moments}) and moments[-2:] == [1, 2]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["0"] * 10**6, set()),
        ([0.5, "nonsense", None, {}, [], 2], {0.5, 2}),
        ({"0": 1}, set()),
        (None, set()),
    ],
)
def test_only_numbers_are_looked_at_in_what_a_browser_asks_for(monkeypatch, sent, kept):
    state = {film._KEY: SimpleNamespace(want=sent)}
    monkeypatch.setattr(film.st, "session_state", state)
    film._note_wanted()
    assert state[film._WANTED] == kept
