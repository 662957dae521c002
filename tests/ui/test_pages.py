"""The pages with good and damaged models, with other models and without any."""

import re
import shutil
import subprocess
import sys
import tomllib

from app_testing import button, errors, labels, press, warnings, words
from browsing import inside, own_button, visit
from conftest import wait_until

from ui.public import limits
from ui.shared.labels import percent
from vae import load, save, settings
from vae.files.registry import available
from vae.files.weights import MAX_BYTES

DRAW, GENERATE, TRAIN = (f"../pages/{name}.py" for name in ("draw", "generate", "train"))


def test_a_confidence_below_a_threshold_is_not_shown_as_100_percent():
    assert percent(0.5) == "50.0 %" and percent(1) == "100.0 %"
    assert percent(0.99999702) == "99.9997 %" and percent(0.9996) == "99.96 %"
    assert percent(0.9999965) == "99.9996 %", "it is below the one before"


def test_the_model_card(app):
    app.run()
    figures = " ".join(html.proto.body for html in app.get("html"))
    assert "classifies 99.6 % · draws the digit asked for 99.6 %" in figures
    app.session_state["card"] = True
    app.run()
    assert "Download this model (5.9 MB)" in [b.label for b in app.get("download_button")]
    assert "| Generated digits recognised as the digit asked for | 99.58 % |" in words(app)
    assert "| **Likelihood** | bernoulli |" in words(app)
    assert "| Dimensions of z | 10 |" in words(app)
    app.selectbox(key="model").set_value("classic").run()
    assert "| Likelihood | gaussian |" in words(app)


def test_a_damaged_model_is_a_sentence_on_its_pages_and_harms_no_other(app):
    settings.MODELS.mkdir(parents=True)
    good = (settings.SHIPPED / "classic.safetensors").read_bytes()
    (settings.MODELS / "broken.safetensors").write_bytes(good[:5000])
    app.run()
    app.selectbox(key="model").set_value("broken")
    app.switch_page(GENERATE).run()
    assert "is damaged or is no safetensors file" in app.error[0].value
    app.selectbox(key="model").set_value("classic").run()
    assert not app.error


def test_models_are_renamed_and_deleted(app, home):
    model = load("classic")
    for name in ("one", "two"):
        save(settings.MODELS / f"{name}.safetensors", model)
    app.session_state["manager"] = True
    app.query_params["model"] = "two"
    app.run()
    shipped = ["conv", "fast", "classic", "report", "plane", "unlabelled"]
    assert app.selectbox(key="model").options[:6] == shipped
    assert set(app.selectbox(key="managed").options) == {"one", "two"}, "others cannot be changed"
    app.selectbox(key="managed").set_value("two").run()
    app.text_input(key="new_name_two").set_value("conv").run()
    press(app, "Rename")
    assert "There is a model named 'conv' already" in app.error[0].value
    app.text_input(key="new_name_two").set_value("three").run()
    press(app, "Rename")
    assert not app.error and app.selectbox(key="model").value == "three"
    assert button(app, "Delete model").disabled
    app.checkbox(key="confirm_three").check().run()
    press(app, "Delete model")
    assert list(available()) == ["conv", "fast", "classic", "report", "plane", "unlabelled", "one"]
    assert app.selectbox(key="model").value == "conv"
    assert "There is no model 'three'. Shown: conv." in warnings(app)


def test_without_any_model_one_can_train_or_upload_one(app, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "none")
    app.run()
    for path in (GENERATE, DRAW, "../pages/runs.py", TRAIN):
        app.switch_page(path).run()
        assert not app.exception and errors(app).startswith("There is no trained model.")
    assert "Start training" in labels(app)


def test_a_model_is_downloaded_and_brought_back(browser, server, tmp_path):
    with visit(browser, f"{server.url}/runs?model=classic") as page:
        own_button(page, "Model card").click()
        with page.expect_download() as download:
            own_button(page, "Download this model").click()
        taken = tmp_path / "taken.safetensors"
        download.value.save_as(taken)
        assert taken.read_bytes() == available()["classic"].read_bytes()

        page.keyboard.press("Escape")
        own_button(page, "Manage models").click()
        page.locator("input[type=file]").set_input_files(taken)
        add = own_button(page, "Add to models")
        add.click()
        page.wait_for_url(re.compile("model=taken"))
        add.wait_for(state="detached")
        assert load(server.home / "weights" / "taken.safetensors").params == load("classic").params

        false = tmp_path / "false.safetensors"
        false.write_bytes(b"not a model")
        page.locator("input[type=file]").set_input_files(false)
        add.click()
        error = page.get_by_text("The file is damaged or is no safetensors file.")
        error.wait_for()
        wait_until(lambda: inside(page, error))  # It is visible without scrolling.
        assert not (server.home / "weights" / "false.safetensors").exists()


def test_the_limits_of_an_upload_agree():
    config = tomllib.loads((settings.ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] == limits.upload_megabytes()
    assert config["server"]["maxUploadSize"] * 2**20 >= MAX_BYTES


def test_the_pages_load_no_tensorflow_and_only_runs_loads_pandas(tmp_path):
    shutil.rmtree(tmp_path)
    code = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("ui/main.py", default_timeout=120).run()
for page in ("generate", "explore", "how-it-works", "train", "runs"):
    assert not {"tensorflow", "keras", "pandas"} & set(sys.modules)
    app.switch_page(f"../pages/{page}.py").run()
    assert not app.exception
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
