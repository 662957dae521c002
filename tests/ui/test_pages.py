"""The pages without a browser: what they show, and that nothing they are given breaks them."""

import base64
import io
import json
import shutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from canvas_drawings import SEVEN, canvas
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui import models
from ui.labels import percent
from vae import load, save, settings
from vae.model.registry import available
from vae.model.weights import MAX_BYTES

DRAW, GENERATE, TRAIN = (f"pages/{name}.py" for name in ("draw", "generate", "train"))


@pytest.fixture
def app(home):
    test = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=120)
    yield test
    assert not test.exception


def drawing(image, strokes=1):
    """What the canvas component reports."""
    file = io.BytesIO()
    Image.fromarray(np.stack([image] * 3 + [np.full_like(image, 255)], -1)).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"drawing": {"raw": {"objects": [{}] * strokes}, "data": url}, "backgroundFit": None}


CROSS = [[(60, 60), (220, 220)], [(220, 60), (60, 220)]]


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


def warnings(app):
    return " ".join(e.value for e in app.warning)


def button(app, label):
    return next(b for b in app.button if b.label == label)


def test_an_empty_canvas_is_an_invitation(app):
    app.run()
    assert "What you will see" in words(app)
    assert "It is a" not in words(app)
    assert app.button[0].label == "Undo" and app.button[0].disabled


def test_a_drawing_is_read_and_survives_a_page_switch(app):
    app.run()
    app.session_state["canvas"] = drawing(canvas(SEVEN))
    app.run()
    assert "It is a 7" in words(app)
    app.switch_page(GENERATE).run()
    assert "It is a 7" not in words(app)
    app.switch_page(DRAW).run()
    assert "It is a 7" in words(app)


def test_clear_brings_the_invitation_back(app):
    app.run()
    app.session_state["canvas"] = drawing(canvas(SEVEN))
    app.run()
    button(app, "Clear").click()
    app.run()
    assert "What you will see" in words(app)


def test_an_unclear_drawing_is_not_sold_as_a_digit(app):
    app.run()
    app.session_state["canvas"] = drawing(canvas(CROSS))
    app.run()
    assert "Not sure" in words(app)
    threshold = percent(load("conv").sure_above)
    assert f"Below a confidence of {threshold} this model is too often wrong" in words(app)
    assert "An 8, or perhaps a 4?" in words(app)
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert f"sure from {threshold}" in json.dumps(spec["layer"])


def test_a_confidence_below_a_threshold_is_not_shown_as_100_percent():
    assert percent(0.5) == "50.0 %" and percent(1) == "100.0 %"
    assert percent(0.99999702) == "99.9997 %" and percent(0.9996) == "99.96 %"


def bomb(side):
    """A small PNG file of many pixels."""
    file = io.BytesIO()
    Image.new("L", (side, side)).save(file, "PNG", compress_level=9)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_picture_that_is_too_large_is_not_decoded():
    code = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
app.session_state["canvas"] = {"drawing": {"raw": {"objects": [{}]}, "data": sys.stdin.read()}}
app.run()
assert not app.exception
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(app.warning[0].value, peak)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        input=bomb(13_000),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    sentence, _, kibibytes = done.stdout.rpartition(" ")
    assert sentence == "This drawing is larger than the canvas, so it was not read."
    assert int(kibibytes) < 400 * 1024, "it would take 680 MB as RGBA"


@pytest.mark.parametrize(
    "state",
    [
        {"drawing": []},
        {"drawing": {"raw": 3, "data": 4}},
        {"drawing": {"raw": {"objects": [1]}, "data": bomb(280)}},
        {"drawing": {"raw": {}, "data": "data:image/png;base64,AAAA"}},
        {"drawing": {"raw": {"objects": []}, "data": "data:image/png;base64,AAAA"}},
        {"drawing": {"raw": {"objects": []}, "data": "nothing"}},
        {"drawing": {"raw": {"objects": []}, "data": bomb(2000)}, "backgroundFit": 5},
        {"drawing": None, "backgroundFit": {}},
    ],
)
def test_a_forged_drawing_is_harmless(app, state):
    app.run()
    app.session_state["canvas"] = state
    app.run()
    assert not app.exception and "It is a" not in words(app)
    app.session_state["canvas"] = drawing(canvas(SEVEN))
    app.run()
    assert "It is a 7" in words(app) and not app.warning


def picture(app):
    (shown,) = [e.proto.body for e in app.get("html")]
    png = shown.split("base64,")[1].split('"')[0]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def test_the_grid_is_what_the_knobs_say(app):
    from vae.images import grid
    from vae.model.latent import decode_grid, sample_around, traverse

    model = load("conv")
    app.run()
    app.switch_page(GENERATE).run()
    z = np.zeros(10, np.float32)
    contrast = app.slider(key="contrast_conv").value
    assert contrast == round(model.metrics["contrast"], 1)
    expected = decode_grid(model, range(10), sample_around(z, 8, 1.0, 0), contrast)
    assert np.array_equal(picture(app), grid(expected, gap=2))

    app.slider(key="z3").set_value(1.5)
    app.segmented_control(key="columns").set_value("Sweep")
    app.run()
    app.selectbox(key="knob").set_value("z2")
    app.slider(key="count").set_value(5)
    app.slider(key="contrast_conv").set_value(1.0)
    app.run()
    z[3] = 1.5
    expected = decode_grid(model, range(10), traverse(z, 5, 2))
    assert np.array_equal(picture(app), grid(expected, gap=2))


def test_each_model_starts_with_its_own_contrast(app):
    app.run()
    app.switch_page(GENERATE).run()
    for name in ("classic", "fast", "conv"):
        app.selectbox(key="model").set_value(name)
        app.run()
        assert app.slider(key=f"contrast_{name}").value == round(load(name).metrics["contrast"], 1)


def test_the_model_card(app):
    app.run()
    assert "classifies 99.6 % · draws the digit asked for 99.7 % · 5.9 MB" in words(app)
    app.session_state["card"] = True
    app.run()
    assert "| Generated digits recognised as the digit asked for | 99.71 % |" in words(app)
    assert "| **Likelihood** | bernoulli |" in words(app)
    assert "| Dimensions of z | 10 |" in words(app)
    app.selectbox(key="model").set_value("classic")
    app.run()
    assert "| Likelihood | gaussian |" in words(app)


def test_scribbles_dots_and_pairs_get_a_sentence(app):
    app.run()
    hatching = [[(20 + 240 * (i % 2), 20 + 15 * i) for i in range(17)]]
    for lines, sentence in (
        (hatching, "That is a scribble"),
        ([[(140, 140), (141, 140)]], "That is a dot"),
        ([[(60, 60), (60, 220)], [(200, 60), (200, 220)]], "These look like two digits"),
    ):
        app.session_state["canvas"] = drawing(canvas(lines, pen=14))
        app.run()
        assert sentence in words(app)
        assert "Not one digit" in words(app) and "It is a" not in words(app)
        assert "Probability of each digit" not in words(app)


def test_surprise_and_reset(app):
    app.run()
    app.switch_page(GENERATE).run()
    before = picture(app)
    button(app, "Surprise me").click()
    app.run()
    knobs = [app.slider(key=f"z{i}").value for i in range(10)]
    assert len(set(knobs)) > 3 and max(map(abs, knobs)) <= 3
    assert not np.array_equal(picture(app), before)
    button(app, "Reset").click()
    app.number_input(key="seed").set_value(0)
    app.run()
    assert [app.slider(key=f"z{i}").value for i in range(10)] == [0] * 10
    assert np.array_equal(picture(app), before)


@pytest.mark.parametrize(
    ("key", "value", "warning"),
    [
        ("z0", "99", "z0 must be between -3 and 3, not '99'. Shown: 0.0."),
        ("z0", "nan", "z0 must be between -3 and 3, not 'nan'. Shown: 0.0."),
        ("z31", "1", "This model has no z31: its z has 10 dimensions."),
        ("seed", "-1", "seed must be between 0 and 9999, not '-1'. Shown: 0."),
        ("digits", "x", "not 'x'. Shown: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9."),
        ("count", "1e9", "count must be between 1 and 12, not '1e9'. Shown: 8."),
        ("columns", "both", "columns must be one of Sample, Sweep, not 'both'. Shown: Sample."),
        ("model", "*x*", "There is no model '*x*'. Shown: conv."),
        ("use", "x", "There is no model 'x'. Shown: conv."),
        ("contrast_conv", "9", "contrast_conv must be between 1 and 4, not '9'. Shown: 1.8."),
        ("ink_conv", "9", "contrast_conv must be between 1 and 4, not '9'. Shown: 1.8."),
    ],
)
def test_a_link_to_what_does_not_exist_says_so(app, key, value, warning):
    app.query_params[key] = value
    app.switch_page(GENERATE).run()
    assert warning in warnings(app).replace("\\", "")
    assert r"\*x\*" in warnings(app) or "*" not in value
    assert picture(app).shape == (10 * 30 - 2, 8 * 30 - 2)
    app.run()
    assert app.selectbox(key="model").value == "conv"


def test_a_knob_to_sweep_that_does_not_exist_is_named(app):
    app.query_params["columns"], app.query_params["knob"] = "Sweep", "z31"
    app.switch_page(GENERATE).run()
    assert "z9, not 'z31'. Shown: z0." in warnings(app)


def test_links_of_earlier_versions_show_the_same(app):
    app.query_params["columns"], app.query_params["ink_conv"] = "swept", "3"
    app.switch_page(GENERATE).run()
    assert app.segmented_control(key="columns").value == "Sweep"
    assert app.slider(key="contrast_conv").value == 3
    assert not app.warning


def test_no_digits_is_a_sentence(app):
    app.run()
    app.switch_page(GENERATE).run()
    app.get("button_group")[0].set_value([])
    app.run()
    assert "Choose at least one digit" in app.info[0].value


def test_a_damaged_model_is_a_sentence_on_its_pages_and_harms_no_other(app):
    settings.MODELS.mkdir(parents=True)
    good = (settings.SHIPPED / "classic.safetensors").read_bytes()
    (settings.MODELS / "broken.safetensors").write_bytes(good[:5000])
    app.run()
    app.selectbox(key="model").set_value("broken")
    app.switch_page(GENERATE).run()
    assert "is damaged or is no safetensors file" in app.error[0].value
    app.selectbox(key="model").set_value("classic")
    app.run()
    assert not app.error


def test_models_are_renamed_and_deleted(app, home):
    model = load("classic")
    for name in ("one", "two"):
        save(settings.MODELS / f"{name}.safetensors", model)
    app.session_state["manager"] = True
    app.query_params["model"] = "two"
    app.run()
    assert app.selectbox(key="model").options[:3] == ["conv", "fast", "classic"]
    assert set(app.selectbox(key="managed").options) == {"one", "two"}, "others cannot be changed"
    app.selectbox(key="managed").set_value("two")
    app.run()
    app.text_input(key="new_name_two").set_value("conv")
    app.run()
    button(app, "Rename").click()
    app.run()
    assert "There is a model named 'conv' already" in app.error[0].value
    app.text_input(key="new_name_two").set_value("three")
    app.run()
    button(app, "Rename").click()
    app.run()
    assert not app.error and app.selectbox(key="model").value == "three"
    assert button(app, "Delete model").disabled
    app.checkbox(key="confirm_three").check()
    app.run()
    button(app, "Delete model").click()
    app.run()
    assert list(available()) == ["conv", "fast", "classic", "one"]
    assert app.selectbox(key="model").value == "conv"
    assert "There is no model 'three'. Shown: conv." in warnings(app)


def test_the_limits_of_an_upload_agree():
    config = tomllib.loads((settings.ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] == models.MAX_UPLOAD_MB
    assert config["server"]["maxUploadSize"] * 2**20 >= MAX_BYTES
    assert config["server"]["address"] == "localhost"


def test_a_server_without_models_says_how_to_get_one(app, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "none")
    app.run()
    assert "There is no trained model" in app.error[0].value


def test_the_pages_load_no_tensorflow(tmp_path):
    shutil.rmtree(tmp_path)
    code = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
for page in ("generate", "train", "runs", "draw"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
