"""The Generate page: the picture that the browser draws, and what sets it."""

import base64
import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest
from app_testing import button, warnings, words
from PIL import Image

from ui.generate import choices as chosen
from ui.generate import grid as live_grid
from ui.generate.knobs import NEAR_START
from ui.shell import address
from vae import TrainedVAE, load, save, settings
from vae.analysis.latent import decode_grid, digits_own, effect, sample_around, traverse
from vae.images import grid

GENERATE = "../pages/generate.py"
ALT = "A grid of generated digits"


def given(app):
    """What the picture in the browser is given."""
    protos = [e.proto for e in app.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if "eps" in p.json)


def image(app):
    """The picture that the server draws: the first of a visit, or where the browser cannot."""
    (shown,) = [e.proto.body for e in app.get("html") if ALT in e.proto.body]
    return decoded(shown.split("base64,")[1].split('"')[0])


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def knobs(app):
    return [app.slider(key=f"z{i}").value for i in range(10)]


def test_the_grid_is_what_the_knobs_say(app):
    model = load("conv")
    app.run()
    app.switch_page(GENERATE).run()
    z = np.zeros(10, np.float32)
    contrast = app.slider(key="contrast_conv").value
    assert contrast == round(model.metrics["contrast"], 1)
    expected = decode_grid(model, range(10), sample_around(z, 8, 1.0, 0), contrast)
    assert np.array_equal(image(app), grid(expected, gap=2))

    app.slider(key="z3").set_value(1.5)
    app.segmented_control(key="source").set_value("Digit's own")
    app.run()
    z[3] = 1.5
    own = digits_own(model.digit_gaussians, range(10), sample_around(z, 8, 1.0, 0))
    expected = decode_grid(model, range(10), own, contrast)
    assert np.array_equal(image(app), grid(expected, gap=2))

    app.segmented_control(key="columns").set_value("Sweep")
    app.run()
    app.selectbox(key="knob").set_value("z2")
    app.slider(key="count").set_value(5)
    app.slider(key="contrast_conv").set_value(1.0)
    app.run()
    expected = decode_grid(model, range(10), traverse(z, 5, 2))
    assert np.array_equal(image(app), grid(expected, gap=2))
    assert app.slider(key="z2").disabled and app.slider(key="z2").label == "z2, swept"
    assert not app.slider(key="z3").disabled

    app.segmented_control(key="columns").set_value("Pad")
    app.run()
    expected = decode_grid(model, range(10), z[None]).reshape(2, 5, -1)
    assert np.array_equal(image(app), grid(expected, gap=2))


def test_a_turned_knob_sends_the_picture_nothing(app):
    app.run()
    app.switch_page(GENERATE).run()
    before = given(app)
    app.session_state["drawn_model"] = before["model"]
    app.slider(key="z3").set_value(1.5)
    app.slider(key="spread").set_value(0.5)
    app.slider(key="count").set_value(3)
    app.run()
    assert given(app) == before
    app.number_input(key="seed").set_value(7)
    app.run()
    assert given(app)["eps"] != before["eps"]
    assert not [e for e in app.get("html") if ALT in e.proto.body]
    app.number_input(key="seed").set_value(0)
    app.run()
    assert given(app) == before


def test_digits_without_a_row_of_their_own_are_in_lines():
    assert chosen._in_lines(np.ones((7, 784), np.float32)).shape == (2, 5, 784)
    assert chosen._in_lines(np.ones((7, 784), np.float32)).sum() == 7 * 784
    assert chosen._in_lines(np.ones((3, 784), np.float32)).shape == (1, 3, 784)


def test_each_model_starts_with_its_own_contrast(app):
    app.run()
    app.switch_page(GENERATE).run()
    for name in ("classic", "fast", "conv"):
        app.selectbox(key="model").set_value(name)
        app.run()
        assert app.slider(key=f"contrast_{name}").value == round(load(name).metrics["contrast"], 1)


def test_the_knobs_are_in_the_order_of_their_effect_and_are_set_at_once(app):
    model = load("conv")
    app.run()
    app.switch_page(GENERATE).run()
    button(app, "Surprise me").click()
    app.run()
    assert len(set(knobs(app))) > 3 and max(map(abs, knobs(app))) <= 3
    button(app, "Reset").click()
    app.run()
    assert knobs(app) == [0] * 10
    sliders = [s for s in app.slider if re.fullmatch(r"z\d+", s.key)]
    effects = effect(model)
    assert all(effects[int(a.key[1:])] >= effects[int(b.key[1:])] for a, b in pairwise(sliders))
    named = {s.key: s.label for s in sliders}
    assert named["z0"] == f"{model.knob_names[0]} (z0)"


def test_the_knobs_of_ones_own_model_can_be_named(app):
    settings.MODELS.mkdir()
    save(settings.MODELS / "mine.safetensors", load("conv"))
    app.session_state["naming"] = True
    app.run()
    app.switch_page(GENERATE).run()
    assert not [t for t in app.text_input if str(t.key).startswith("name_")], "of an included model"
    app.selectbox(key="model").set_value("mine").run()
    app.text_input(key="name_mine_z9").set_value("loops").run()
    assert app.slider(key="z9").label == "loops (z9)"
    assert load("mine").knob_names[9] == "loops", "they are in the model's file"
    app.text_input(key="name_mine_z9").set_value("*").run()
    assert "A knob's name is 1 to 20 letters" in app.error[0].value
    assert app.slider(key="z9").label == "loops (z9)"


def test_start_from_a_test_digit(app):
    app.run()
    app.switch_page(GENERATE).run()
    assert button(app, "My drawing").disabled and "Draw a digit on Draw" in words(app)
    button(app, "A test digit").click()
    app.run()
    assert "Started from a" in words(app) and "of the test set" in words(app)
    assert app.slider(key="spread").value == NEAR_START
    start = app.session_state["start"]
    mu = load("conv").predict(start.x).mu
    assert np.allclose(knobs(app), np.clip(mu, -3, 3), atol=0.051)
    button(app, "Reset").click()
    app.run()
    assert "of the test set" not in words(app) and app.slider(key="spread").value == 1


def test_a_z_without_a_drawing_is_of_no_style(app):
    app.run()
    button(app, "Clear").click()
    app.run()
    app.switch_page(GENERATE).run()
    button(app, "A test digit").click()
    app.run()
    app.session_state["from_drawing"] = True
    app.run()
    assert "Started from" not in words(app) and app.slider(key="spread").value == 1


def test_a_model_without_gaussians_says_so(app):
    classic = load("classic")
    settings.MODELS.mkdir(parents=True)
    save(
        settings.MODELS / "older.safetensors",
        TrainedVAE(classic.params, classic.tensors, classic.metrics),
    )
    app.query_params["model"], app.query_params["source"] = "older", "Digit's own"
    app.switch_page(GENERATE).run()
    assert app.segmented_control(key="source").disabled
    assert "need a model that was trained in this version" in words(app)
    assert "source must be one of Prior, not 'Digit's own'. It was left out." in warnings(app)


def test_no_digits_is_a_sentence(app):
    app.run()
    app.switch_page(GENERATE).run()
    next(group for group in app.get("button_group") if group.key == "digits").set_value([])
    app.run()
    assert "Choose at least one digit" in app.info[0].value


@pytest.mark.parametrize(
    "report",
    [None, 3, [], {}, {"z0": 1}, {"z0": "1", "z1": 1}]
    + [{"z0": odd, "z1": 1} for odd in (float("nan"), 1e308, -(10**400))],
)
def test_a_forged_report_of_the_pad_sets_nothing(report):
    assert live_grid._checked(report, ["z0", "z1"]) == {}


def test_the_pad_sets_its_knobs_within_their_bounds():
    report = {"z0": 1.4999, "z1": -99, "z2": 1}
    assert live_grid._checked(report, ["z0", "z1"]) == {"z0": 1.5, "z1": -3}


@pytest.mark.parametrize(("z", "value"), [(-0.04, 0), (0.26, 0.3), (-7, -3), (np.float32(9), 3)])
def test_a_knob_has_tenths_within_its_reach(z, value):
    assert str(address.knob_value(z)) == str(float(value)), "and no -0"
