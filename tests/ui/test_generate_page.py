"""The Generate page: the picture that the browser draws, and what sets it."""

import base64
import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest
from app_testing import button, press, warnings, words
from PIL import Image

from ui.generate import choices as chosen
from ui.generate import code
from ui.generate import grid as picture
from ui.generate.choices import Choices, images
from ui.generate.knobs import NEAR_START
from ui.shared import address
from ui.shared.address import MODES, SAMPLE, SWEEP
from vae import TrainedVAE, load, save, settings
from vae.analysis.latent import decode_grid, digits_own, effect, sample_around, traverse
from vae.images import grid

GENERATE = "../pages/generate.py"


@pytest.fixture
def page(app):
    app.run()
    return app.switch_page(GENERATE).run()


def given(app):
    """What the picture in the browser is given."""
    protos = [e.proto for e in app.get("bidi_component")]
    return next(json.loads(p.json)[0] for p in protos if "eps" in p.json)


def image(app):
    """The file of the picture, with one pixel for each of an image."""
    app.session_state["download_png_pressed"] = True
    protos = [e.proto for e in app.run().get("bidi_component")]
    png = next(json.loads(p.json)[0]["png"] for p in protos if '"png"' in p.json)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))[::4, ::4]


def knobs(app):
    return [app.slider(key=f"z{i}").value for i in range(10)]


def test_the_grid_is_what_the_knobs_say(page):
    model = load("conv")
    z = np.zeros(10, np.float32)
    contrast = page.slider(key="contrast_conv").value
    assert contrast == round(model.metrics["contrast"], 1)
    expected = decode_grid(model, range(10), sample_around(z, 8, 1.0, 0), contrast)
    assert np.array_equal(image(page), grid(expected, gap=2))

    page.slider(key="z3").set_value(1.5)
    page.segmented_control(key="source").set_value("Digit's own").run()
    z[3] = 1.5
    own = digits_own(model.digit_gaussians, range(10), sample_around(z, 8, 1.0, 0))
    expected = decode_grid(model, range(10), own, contrast)
    assert np.array_equal(image(page), grid(expected, gap=2))

    page.segmented_control(key="columns").set_value("Sweep").run()
    page.selectbox(key="knob").set_value("z2")
    page.slider(key="count").set_value(5)
    page.slider(key="contrast_conv").set_value(1.0).run()
    expected = decode_grid(model, range(10), traverse(z, 5, 2))
    assert np.array_equal(image(page), grid(expected, gap=2))
    assert page.slider(key="z2").disabled and page.slider(key="z2").label == "height (z2), swept"
    assert not page.slider(key="z3").disabled

    page.segmented_control(key="columns").set_value("Pad").run()
    expected = decode_grid(model, range(10), z[None]).reshape(2, 5, -1)
    assert np.array_equal(image(page), grid(expected, gap=2))


def test_a_turned_knob_sends_the_picture_nothing(page):
    before = given(page)
    page.slider(key="z3").set_value(1.5)
    page.slider(key="spread").set_value(0.5)
    page.slider(key="count").set_value(3).run()
    assert given(page) == before
    page.number_input(key="seed").set_value(7).run()
    assert given(page)["eps"] != before["eps"]
    page.number_input(key="seed").set_value(0).run()
    assert given(page) == before


def test_digits_without_a_row_of_their_own_are_in_lines():
    assert chosen._in_lines(np.ones((7, 784), np.float32)).shape == (2, 5, 784)
    assert chosen._in_lines(np.ones((7, 784), np.float32)).sum() == 7 * 784
    assert chosen._in_lines(np.ones((3, 784), np.float32)).shape == (1, 3, 784)


def test_each_model_starts_with_its_own_contrast(page):
    for name in ("classic", "fast", "conv"):
        page.selectbox(key="model").set_value(name).run()
        assert page.slider(key=f"contrast_{name}").value == round(load(name).metrics["contrast"], 1)


def test_the_knobs_are_in_the_order_of_their_effect_and_are_set_at_once(page):
    model = load("conv")
    press(page, "Surprise me")
    assert len(set(knobs(page))) > 3 and max(map(abs, knobs(page))) <= 3
    press(page, "Reset")
    assert knobs(page) == [0] * 10
    sliders = [s for s in page.slider if re.fullmatch(r"z\d+", s.key)]
    effects = effect(model)
    assert all(effects[int(a.key[1:])] >= effects[int(b.key[1:])] for a, b in pairwise(sliders))
    named = {s.key: s.label for s in sliders}
    assert named["z0"] == f"{model.knob_names[0]} (z0)"


def test_the_knobs_of_ones_own_model_can_be_named(page):
    settings.MODELS.mkdir()
    save(settings.MODELS / "mine.safetensors", load("conv"))
    page.session_state["naming"] = True
    page.run()
    assert not [t for t in page.text_input if str(t.key).startswith("name_")], "it ships"
    page.selectbox(key="model").set_value("mine").run()
    page.text_input(key="name_mine_z9").set_value("loops").run()
    assert page.slider(key="z9").label == "loops (z9)"
    assert load("mine").knob_names[9] == "loops", "they are in the model's file"
    page.text_input(key="name_mine_z9").set_value("*").run()
    assert "A knob's name is 1 to 20 letters" in page.error[0].value
    assert page.slider(key="z9").label == "loops (z9)"


def test_start_from_a_test_digit(page):
    assert button(page, "My drawing").disabled and "Draw a digit on Draw" in words(page)
    press(page, "A test digit")
    assert "Started from a" in words(page) and "of the test set" in words(page)
    assert page.slider(key="spread").value == NEAR_START
    start = page.session_state["start"]
    mu = load("conv").predict(start.x).mu
    assert np.allclose(knobs(page), np.clip(mu, -3, 3), atol=0.051)
    press(page, "Reset")
    assert "of the test set" not in words(page) and page.slider(key="spread").value == 1


def test_a_z_without_a_drawing_is_of_no_style(app):
    app.run()
    press(app, "Clear")
    app.switch_page(GENERATE).run()
    press(app, "A test digit")
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


def test_no_digits_is_a_sentence(page):
    next(group for group in page.get("button_group") if group.key == "digits").set_value([]).run()
    assert "Choose at least one digit" in page.info[0].value


@pytest.mark.parametrize(
    "report",
    [None, 3, [], {}, {"z0": 1}, {"z0": "1", "z1": 1}]
    + [{"z0": odd, "z1": 1} for odd in (float("nan"), 1e308, -(10**400))],
)
def test_a_forged_report_of_the_pad_sets_nothing(report):
    assert picture._checked(report, ["z0", "z1"]) == {}


def test_the_pad_sets_its_knobs_within_their_bounds():
    report = {"z0": 1.4999, "z1": -99, "z2": 1}
    assert picture._checked(report, ["z0", "z1"]) == {"z0": 1.5, "z1": -3}


@pytest.mark.parametrize(("z", "value"), [(-0.04, 0), (0.26, 0.3), (-7, -3), (np.float32(9), 3)])
def test_a_knob_has_tenths_within_its_reach(z, value):
    assert str(address.knob_value(z)) == str(float(value)), "and no -0"


@pytest.fixture(scope="module")
def unlabelled():
    return load("unlabelled")


def chosen_for(model, mode=SAMPLE, count=5, own=False, digits=range(10)):
    values = {f"z{i}": round(0.1 * i - 0.3, 1) for i in range(model.params.z_dim)}
    values |= {"count": count, "spread": 0.35, "contrast": 1.7}
    return Choices([*digits], mode, 3, own, "z1", ("z0", "z1"), "contrast", values)


def test_each_image_of_a_model_without_labels_has_a_z_of_its_own(unlabelled):
    eps = np.random.default_rng(3).standard_normal((5, 10, 2), np.float32).transpose(1, 0, 2)
    z = np.float32([-0.3, -0.2]) + np.float32(0.35) * eps
    swept = z[:, :1].repeat(5, 1)
    swept[..., 1] = np.linspace(-3, 3, 5)
    for mode, expected in ((SAMPLE, z), (SWEEP, swept)):
        drawn = unlabelled.decode(expected.reshape(-1, 2), np.zeros((50, 10)), 1.7)
        found = images(unlabelled, chosen_for(unlabelled, mode))
        assert np.allclose(found, drawn.reshape(10, 5, -1), atol=1e-5)


def test_more_columns_leave_the_first_ones_as_they_are(unlabelled):
    many, few = (images(unlabelled, chosen_for(unlabelled, count=count)) for count in (8, 3))
    assert np.allclose(many[:, :3], few, atol=1e-6)


def test_a_model_without_labels_has_no_choices_of_digits(page):
    page.selectbox(key="model").set_value("unlabelled").run()
    assert "gets z and no digit" in words(page)
    keys = {group.key for group in page.get("button_group")}
    assert "digits" not in keys and not any(
        control.key == "source" for control in page.segmented_control
    )


def test_a_larger_picture_has_the_same_pixels(classic):
    choices = chosen_for(classic, digits=[1, 7])
    small, large = (
        np.asarray(Image.open(io.BytesIO(picture.png(classic, choices, size)))) for size in (1, 16)
    )
    assert small.shape == (58, 5 * 30 - 2) and np.array_equal(large[::16, ::16], small)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["classic", "unlabelled"])
def test_the_code_makes_the_picture_that_is_downloaded(name, mode, tmp_path, monkeypatch):
    model = load(name)
    monkeypatch.chdir(tmp_path)
    for digits, own in (([0, 2, 3, 5, 6, 8, 9], False), ([3], True)):
        choices = chosen_for(
            model, mode, own=own and model.labelled, digits=digits if model.labelled else range(10)
        )
        text = code.of_picture(name, model, choices, 4, 4 * picture.GAP)
        exec(compile(text, "code", "exec"), {})
        assert (tmp_path / "digits.png").read_bytes() == picture.png(model, choices, 4)
