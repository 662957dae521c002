"""The Train page: the bar that starts and steers a run."""

import pytest
from app_testing import button, errors, labels, press, warnings, words
from by_hand import made

from ui.shared.labels import allowed, duration, parameter
from vae import PRESETS, Params, settings
from vae.params import bounds
from vae.runs import dispatcher, store
from vae.runs.timing import REFERENCE_SECONDS


@pytest.fixture
def page(app, monkeypatch):
    """The page, with all parameters; no run is trained."""
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    app.session_state["advanced"] = True
    return app.switch_page("../pages/train.py")


def fill(page, **texts):
    """Type into the form."""
    for name, text in texts.items():
        page.text_input(key=f"param_{name}").set_value(text)


def choose(page, **chosen):
    """Choose in a list or type the name, each by its widget's key."""
    for key, value in chosen.items():
        kind = page.text_input if key == "run_name" else page.selectbox
        kind(key=key).set_value(value).run()


def name(page):
    return page.text_input(key="run_name").value


@pytest.mark.parametrize("own", [False, True])
def test_a_link_to_a_run_that_does_not_exist_says_so(page, own):
    shown = store.create(Params(), "there").id if own else "classic"
    page.query_params["run"] = "missing-1-2"
    page.run()
    assert warnings(page).startswith(f"There is no run 'missing-1-2'. Shown: {shown}.")
    assert page.selectbox(key="run").value == shown


def test_every_parameter_has_a_widget_with_its_bounds(page):
    page.run()
    kinds = (page.slider, page.text_input, page.selectbox, page.toggle)
    widgets = {widget.key: widget for kind in kinds for widget in kind}
    for field_name, field in Params.model_fields.items():
        widget = widgets[f"param_{field_name}"]
        assert widget.label == parameter(field_name) and "_" not in widget.label
        assert allowed(field_name) in widget.help or field.annotation is bool
        if widget.type == "slider":
            assert (widget.min, widget.max) == bounds(field_name)


def test_durations():
    assert [duration(s) for s in (59.4, 59.6, 299.6)] == ["59 s", "1 min 0 s", "5 min"]


def test_a_preset_fills_the_form_and_names_the_run(page):
    page.run()
    seconds = duration(REFERENCE_SECONDS["classic"])
    assert f"About {seconds} (a measurement on two cores)." in words(page)
    assert name(page) == "classic-1" and page.text_input(key="param_encoder_layers").value == "128"
    choose(page, preset="conv")
    assert page.text_input(key="param_digit_classification_filters").value == "32, 64, 96"
    assert page.text_input(key="param_learning_rate").value == "0.0015"
    assert page.selectbox(key="param_likelihood").value == "bernoulli"
    assert page.toggle(key="param_encoder_sees_label").value is True
    assert name(page) == "conv-1"
    choose(page, run_name="mine", preset="fast")
    assert name(page) == "mine"


def test_a_model_that_is_too_large_is_not_trained(page):
    page.run()
    choose(page, preset="conv")
    fill(page, decoder_layers="512", decoder_filters="128")
    page.run()
    assert "may have 10 million weights at most" in errors(page)
    assert button(page, "Start training").disabled and button(page, "Step").disabled


def test_what_is_typed_is_what_is_trained(page):
    page.run()
    fill(page, batch_size="250", learning_rate="2e-3", kl_weight="0", seed="007")
    fill(page, encoder_layers="64,32")
    page.text_input(key="run_name").set_value("mine")
    press(page, "Step")
    assert not page.error
    run = store.get(store.list_ids()[0])
    assert run.name == "mine" and run.status().control.desired_state == "pause"
    assert run.params == Params(
        batch_size=250, learning_rate=0.002, kl_weight=0, seed=7, encoder_layers=(64, 32)
    )


def test_the_name_is_checked_while_it_is_typed(page):
    page.run()
    store.create(Params(), "taken")
    for typed, sentence in (
        ("../evil", "A model's name is"),
        ("conv", "There is a model named 'conv' already"),
        ("taken", "A run has the name 'taken' already"),
        ("free", ""),
    ):
        choose(page, run_name=typed)
        assert sentence in errors(page)
        assert bool(page.error) == button(page, "Start training").disabled == bool(sentence)


def test_a_name_that_is_typed_after_a_start_stays(page):
    page.run()
    for typed in ("mine", "yours"):
        choose(page, run_name=typed)
        assert name(page) == typed
        press(page, "Start training")
        press(page, "New run")
    assert [store.get(run_id).name for run_id in store.list_ids()] == ["yours", "mine"]
    assert name(page) == "classic-1"
    store.create(Params(), "classic-1")  # Another visitor was quicker.
    page.run()
    assert name(page) == "classic-2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("decoder_layers", "128 64"),
        ("batch_size", "5"),
        ("batch_size", ""),
        ("learning_rate", "fast"),
        ("kl_weight", "nan"),
        ("seed", "1.5"),
    ],
)
def test_what_cannot_be_trained_says_why_and_is_not_started(page, name, text):
    page.run()
    fill(page, **{name: text})
    press(page, "Start training")  # At the same moment: it was not disabled yet.
    assert f"cannot be started. {parameter(name)} must be {allowed(name)}." in errors(page)
    assert button(page, "Start training").disabled and store.list_ids() == []
    choose(page, preset="fast")
    assert not page.error and not button(page, "Start training").disabled


def test_what_is_allowed_is_said_in_words():
    assert [allowed(name) for name in ("batch_size", "learning_rate", "decoder_layers")] == [
        "a whole number between 20 and 1000",
        "a number between 0.00001 and 0.1",
        "1 to 3 sizes separated by commas, such as 128, 64 (whole numbers between 1 and 512)",
    ]


@pytest.fixture
def steered(page):
    """A paused run, and the widgets of its parameters by their names."""
    run = made("mine", end="paused", epochs=3, z_dim=4, decoder_std=0.3)
    page.query_params["run"] = run.id
    page.run()

    def field(name):
        widgets = [*page.slider, *page.text_input, *page.selectbox]
        return next(w for w in widgets if w.key == f"of_{name}_{run.id}")

    return run, field


def test_the_bar_shows_what_a_run_is_trained_with(steered):
    _, field = steered
    assert (field("z_dim").value, field("decoder_std").value) == (4, 0.3)
    assert field("z_dim").disabled and field("decoder_std").disabled and field("seed").disabled
    live = ("kl_weight", "epochs", "learning_rate", "digit_classification_weight")
    assert not any(field(name).disabled for name in live)


def test_the_bar_steers_with_the_controls_that_start(page, steered):
    run, field = steered
    field("kl_weight").set_value("0").run()
    assert store.get(run.id).status().control.live_params == {"kl_weight": 0.0}
    field("epochs").set_value("50").run()
    assert store.get(run.id).status().target_epochs == 50
    for changed, text in (("epochs", "0"), ("kl_weight", "lots"), ("learning_rate", "1")):
        before = field(changed).value
        field(changed).set_value(text).run()
        assert errors(page) == f"{parameter(changed)} must be {allowed(changed)}."
        assert field(changed).value == before
    run.request(live_params={"kl_weight": 2.5})  # Another visitor.
    page.run()
    assert not page.error and field("kl_weight").value == "2.5"
    for label, state in (("Resume", "queued"), ("Cancel", "stopped")):
        press(page, label)
        assert store.get(run.id).status().state == state


def test_a_new_run_beside_one_that_trains(page):
    page.run()
    fill(page, kl_weight="2")
    page.run()
    run = made("mine", end="paused")
    page.run()
    assert "Start training" in labels(page), "for whoever has not chosen it"
    choose(page, run=run.id)
    assert "Start training" not in labels(page)
    press(page, "New run")
    assert page.text_input(key="param_kl_weight").value == "2", "the form is as it was"
    press(page, "Steer this run")
    assert "Resume" in labels(page)


@pytest.mark.parametrize(
    ("source", "preset", "seed", "new"),
    [("mine", "classic", 2, "mine-1"), ("fast", "fast", 1, "fast-1")],
)
def test_the_parameters_of_a_run_are_filled_into_the_form(page, source, preset, seed, new):
    params = PRESETS["classic"].model_copy(update={"z_dim": 3, "kl_weight": 0.5})
    mine = made("mine-7", params=params)
    made("other", params=params, seed=1)
    run = mine if source == "mine" else store.get(source)
    page.run()
    choose(page, run=run.id)
    press(page, "Copy parameters to form")
    assert len(store.list_ids()) == 2, "nothing starts by itself"
    assert (name(page), page.selectbox(key="preset").value) == (new, preset)
    press(page, "Step")
    started = store.get(store.list_ids()[0])
    assert started.name == new
    assert started.params == run.params.model_copy(update={"seed": seed})


def test_a_link_fills_the_form_with_the_parameters_of_a_run(page):
    page.query_params["like"] = "conv"
    page.run()
    assert (name(page), page.selectbox(key="preset").value) == ("conv-1", "conv")
    page.query_params["like"] = "../missing"
    page.run()
    assert "There is no run" in errors(page)


def test_what_a_host_lacks_is_said(page, monkeypatch):
    monkeypatch.setattr(settings, "can_train", lambda: False)
    monkeypatch.setenv("VAE_EPHEMERAL", "1")
    page.run()
    assert "Training needs TensorFlow: pip install -r requirements.txt" in errors(page)
    assert button(page, "Start training").disabled
    assert "are lost when this server restarts" in words(page)
