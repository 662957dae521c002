"""The pages without a browser: what they show, and that nothing they are given breaks them."""

import base64
import io
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import know_the_pace
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_preprocess import SEVEN, canvas

from vae import Params, load, settings
from vae.runs import run as runs

DRAW, GENERATE, TRAIN = (f"pages/{name}.py" for name in ("draw", "generate", "train"))


@pytest.fixture
def app(home):
    know_the_pace(home)
    test = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=30)
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


def test_an_empty_canvas_is_an_invitation(app):
    app.run()
    assert "What will it be?" in words(app)
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
    next(b for b in app.button if b.label == "Clear").click()
    app.run()
    assert "What will it be?" in words(app)


def test_an_unclear_drawing_is_not_sold_as_a_digit(app):
    app.run()
    app.session_state["canvas"] = drawing(canvas(CROSS))
    app.run()
    assert "Not sure" in words(app)


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
    app.segmented_control(key="columns").set_value("swept")
    app.run()
    app.selectbox(key="knob").set_value("z2")
    app.slider(key="count").set_value(5)
    app.slider(key="contrast_conv").set_value(1.0)
    app.run()
    z[3] = 1.5
    expected = decode_grid(model, range(10), traverse(z, 5, 2))
    assert np.array_equal(picture(app), grid(expected, gap=2))


def test_each_model_starts_with_its_own_ink(app):
    app.run()
    app.switch_page(GENERATE).run()
    for name in ("classic", "fast", "conv"):
        app.selectbox(key="model").set_value(name)
        app.run()
        assert app.slider(key=f"contrast_{name}").value == round(load(name).metrics["contrast"], 1)


def test_the_model_card(app):
    app.run()
    assert "reads 99." in words(app) and "right ·" in words(app) and "MB" in words(app)
    app.session_state["card"] = True
    app.run()
    assert "Drawn digits a judge reads as asked" in words(app)
    assert "| **likelihood** | bernoulli |" in words(app)
    assert "| z_dim | 10 |" in words(app)
    app.selectbox(key="model").set_value("classic")
    app.run()
    assert "| likelihood | gaussian |" in words(app)


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
        assert "How likely is each digit?" not in words(app)


def test_surprise_and_reset(app):
    app.run()
    app.switch_page(GENERATE).run()
    before = picture(app)
    next(b for b in app.button if b.label == "Surprise me").click()
    app.run()
    knobs = [app.slider(key=f"z{i}").value for i in range(10)]
    assert len(set(knobs)) > 3 and max(map(abs, knobs)) <= 3
    assert not np.array_equal(picture(app), before)
    next(b for b in app.button if b.label == "Reset").click()
    app.number_input(key="seed").set_value(0)
    app.run()
    assert [app.slider(key=f"z{i}").value for i in range(10)] == [0] * 10
    assert np.array_equal(picture(app), before)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("z0", "99"),
        ("z0", "nan"),
        ("seed", "-1"),
        ("digits", "x"),
        ("count", "1e9"),
        ("model", "x"),
        ("contrast_conv", "9"),
    ],
)
def test_a_forged_link_is_harmless(app, key, value):
    app.query_params[key] = value
    app.run()
    app.switch_page(GENERATE).run()
    assert picture(app).shape == (10 * 30 - 2, 8 * 30 - 2)


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


def test_every_parameter_has_a_widget_with_its_bounds(app):
    from vae.params import bounds

    app.run()
    app.switch_page(TRAIN).run()
    kinds = (app.slider, app.number_input, app.text_input, app.selectbox, app.toggle)
    widgets = {widget.key: widget for kind in kinds for widget in kind}
    for name, field in Params.model_fields.items():
        widget = widgets[f"param_{name}"]
        if field.annotation in (int, float):
            assert (widget.min, widget.max) == bounds(name)
    assert widgets["param_encoder_layers"].value == "128"


def test_a_preset_fills_the_form(app):
    app.run()
    app.switch_page(TRAIN).run()
    assert "On this machine: classic 40 s, fast 55 s, conv 13 min" in words(app)
    app.selectbox(key="preset").set_value("conv")
    app.run()
    assert app.text_input(key="param_digit_classification_filters").value == "32, 64, 96"
    assert app.selectbox(key="param_likelihood").value == "bernoulli"
    assert app.toggle(key="param_encoder_sees_label").value is True
    next(t for t in app.text_input if t.label == "Name of the model").set_value("big")
    app.text_input(key="param_decoder_layers").set_value("512")
    app.text_input(key="param_decoder_filters").set_value("128")
    next(b for b in app.button if b.label == "Start training").click()
    app.run()
    assert "A model may have 10 million weights at most" in app.error[0].value
    assert runs.ids() == []


def test_a_wrong_parameter_or_name_is_a_sentence(app):
    app.run()
    app.switch_page(TRAIN).run()
    app.text_input(key="param_decoder_layers").set_value("128, x")
    app.run()
    assert "decoder_layers must be 1 to 3 sizes" in app.error[0].value
    app.text_input(key="param_decoder_layers").set_value("64")
    next(t for t in app.text_input if t.label == "Name of the model").set_value("../evil")
    next(b for b in app.button if b.label == "Start training").click()
    app.run()
    assert "A model's name is" in app.error[0].value
    assert runs.ids() == []


def test_a_run_that_was_cut_off_is_told(app, home):
    folder = settings.RUNS / "mine-20260101-000000"
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(Params(epochs=3).to_json())
    began = '{"event": "began", "at": 1, "pid": 1, "host": "h"}'
    (folder / "events.jsonl").write_text("\n".join([began, "3", '{"event": "point"}', '{"ev']))
    app.run()
    app.switch_page(TRAIN).run()
    assert "ended without a word. Resume begins anew." in app.warning[0].value
    (folder / "params.json").write_text("{")
    app.run()
    assert "holds no readable run" in app.error[0].value


def test_the_name_follows_the_preset(app):
    app.run()
    app.switch_page(TRAIN).run()

    def name():
        return next(t for t in app.text_input if t.label == "Name of the model").value

    assert name() == "classic-1"
    app.selectbox(key="preset").set_value("fast")
    app.run()
    assert name() == "fast-1"


def test_a_server_without_models_says_how_to_get_one(app, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "none")
    app.run()
    assert "There is no trained model" in app.error[0].value


def test_the_pages_load_no_tensorflow(tmp_path):
    shutil.rmtree(tmp_path)
    code = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=30).run()
for page in ("generate", "train", "runs", "draw"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
