"""The Draw page without a browser: what it says of a drawing, and of what is none."""

import base64
import io
import re
import struct
import subprocess
import sys
import zlib

import pytest
from app_testing import words
from canvas_drawings import SEVEN, canvas, report
from PIL import Image

from ui.labels import percent
from vae import load, settings

DRAW, GENERATE = "../pages/draw.py", "../pages/generate.py"
CROSS = [[(60, 60), (220, 220)], [(220, 60), (60, 220)]]
EMPTY = "Nothing is drawn"


def click(app, label):
    next(b for b in app.button if b.label == label).click()
    app.run()


def draws(app, lines, pen=20):
    app.session_state["canvas"] = report(canvas(lines, pen=pen))
    app.run()


def test_a_first_visit_shows_a_test_digit_and_clear_an_invitation(app):
    app.run()
    assert "It is a 2" in words(app) and "a test digit, labelled 2" in words(app)
    click(app, "Clear")
    assert EMPTY in words(app) and "It is a" not in words(app)
    disabled = {b.label for b in app.button if b.disabled}
    assert {"Undo", "Clear"} <= disabled
    click(app, "A test digit")
    assert "a test digit, labelled" in words(app)


def test_a_drawing_replaces_the_test_digit_and_survives_a_page_switch(app):
    app.run()
    draws(app, SEVEN)
    assert "It is a 7" in words(app) and "labelled" not in words(app)
    app.switch_page(GENERATE).run()
    assert "It is a 7" not in words(app)
    app.switch_page(DRAW).run()
    assert "It is a 7" in words(app)
    click(app, "Clear")
    assert EMPTY in words(app)


def test_a_test_digit_survives_a_page_switch(app):
    app.run()
    app.switch_page(GENERATE).run()
    app.switch_page(DRAW).run()
    assert "a test digit, labelled 2" in words(app)


def test_an_unclear_drawing_is_not_sold_as_a_digit(app):
    app.run()
    draws(app, CROSS)
    assert "Not sure" in words(app)
    threshold = percent(load("conv").sure_above)
    assert f"Below a confidence of {threshold} this model is too often wrong" in words(app)
    assert "An 8, or perhaps a 4?" in words(app)


def test_scribbles_dots_and_pairs_get_a_sentence(app):
    app.run()
    hatching = [[(20 + 240 * (i % 2), 20 + 15 * i) for i in range(17)]]
    for lines, sentence in (
        (hatching, "That is a scribble"),
        ([[(140, 140), (141, 140)]], "That is a dot"),
        ([[(60, 60), (60, 220)], [(200, 60), (200, 220)]], "These look like two digits"),
    ):
        draws(app, lines, pen=14)
        assert sentence in words(app)
        assert "Not one digit" in words(app) and "It is a" not in words(app)


@pytest.mark.parametrize("model", ["conv", "fast", "classic"])
def test_the_examples_are_what_their_buttons_say(app, model):
    app.query_params["model"] = model
    app.run()
    from ui.examples import LINES

    either = re.compile("A 4, or perhaps a 9|A 9, or perhaps a 4")
    for name, said, text in (
        ("A 4 or a 9?", "Not sure", either),
        ("A scribble", "Not one digit", "That is a scribble"),
        ("Two digits", "Not one digit", "These look like two digits"),
    ):
        draws(app, LINES[name])
        assert said in words(app) and re.search(text, words(app))


def bomb(side):
    """A small PNG file of many pixels, as the canvas reports it."""
    file = io.BytesIO()
    Image.new("L", (side, side)).save(file, "PNG", compress_level=9)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def cut_profile():
    """A PNG file whose colour profile ends after its name, for which Pillow raises IndexError."""
    png = base64.b64decode(bomb(280).partition(",")[2])
    chunk = b"iCCP" + b"k\0"
    crc = struct.pack(">I", zlib.crc32(chunk))
    png = png[:33] + struct.pack(">I", 2) + chunk + crc + png[33:]
    return "data:image/png;base64," + base64.b64encode(png).decode()


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_picture_that_is_too_large_is_not_decoded():
    code = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("ui/main.py", default_timeout=120).run()
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
        {"drawing": {"raw": {"objects": [{"left": float("nan")}]}, "data": bomb(280)}},
        {"drawing": {"raw": {"objects": []}, "data": cut_profile()}},
    ],
)
def test_a_forged_drawing_is_harmless(app, state):
    app.run()
    click(app, "Clear")
    app.session_state["canvas"] = state
    app.run()
    assert not app.exception and "It is a" not in words(app)
    draws(app, SEVEN)
    assert "It is a 7" in words(app) and not app.warning


def test_a_forged_z_is_not_taken_to_generate(app):
    app.run()  # It provides the canvas, without which the module cannot be imported.
    from ui.generate.take import checked

    for forged in (None, 3, {}, {"z": 3}, {"z": [0.0]}, {"z": ["1"] * 2}):
        assert checked(forged, 2) is None
    for odd in (None, 1e308, 10**400, float("nan")):
        assert checked({"z": [0.0, odd]}, 2) is None
    assert checked({"z": [0, 1.5]}, 2) == [0.0, 1.5]
