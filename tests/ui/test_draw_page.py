"""The Draw page without a browser: what it says of a drawing, and what a link restores."""

import re

import pytest
from app_testing import button, warnings, words
from canvas_drawings import SEVEN, report, strokes
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ui.shared.labels import percent
from vae import load
from vae.data.strokes import MAX_LENGTH, pack, unpack

DRAW, GENERATE, HOW = "../pages/draw.py", "../pages/generate.py", "../pages/how-it-works.py"
CROSS = [[(60, 60), (220, 220)], [(220, 60), (60, 220)]]
EMPTY = "Nothing is drawn"


def click(app, label):
    button(app, label).click()
    app.run()


def draws(app, lines):
    app.session_state["canvas"] = report(lines)
    app.run()


def test_a_first_visit_shows_a_test_digit_and_clear_an_invitation(app):
    app.run()
    assert "It is a 2" in words(app) and "a test digit, labelled 2" in words(app)
    app.switch_page(GENERATE).run()
    app.switch_page(DRAW).run()
    assert "a test digit, labelled 2" in words(app)
    click(app, "Clear")
    assert EMPTY in words(app) and "It is a" not in words(app)
    assert button(app, "Undo").disabled and button(app, "Clear").disabled
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
    click(app, "Undo")
    assert EMPTY in words(app)


def test_an_unclear_drawing_is_not_sold_as_a_digit(app):
    app.run()
    draws(app, CROSS)
    threshold = percent(load("conv").sure_above)
    assert f"From {threshold} on, 99.0 % of the answers" in words(app)
    assert "Not sure" in words(app) and "An 8, or perhaps a 4?" in words(app)


@pytest.mark.parametrize("model", ["conv", "fast", "classic"])
def test_scribbles_dots_pairs_and_the_examples_get_a_sentence(app, model):
    app.query_params["model"] = model
    app.run()
    dot, pair = [[(140, 140), (141, 140)]], [[(60, 60), (60, 220)], [(200, 60), (200, 220)]]
    for lines, sentence in ((dot, "That is a dot"), (pair, "These look like two digits")):
        draws(app, lines)
        assert sentence in words(app)
        assert "Not one digit" in words(app) and "It is a" not in words(app)
    for name, said, sentence in (
        ("A 4 or a 9?", "Not sure", "A 4, or perhaps a 9|A 9, or perhaps a 4"),
        ("A scribble", "Not one digit", "That is a scribble"),
        ("Two digits", "Not one digit", "These look like two digits"),
    ):
        click(app, name)
        assert said in words(app) and re.search(sentence, words(app))


_ENDLESS = [["M", 0, 0], *[["Q", i % 280, 0, 0, 0] for i in range(20_001)]]


_FORGED = [
    ([], ""),
    ({"raw": 3, "data": 4}, "could not be read"),
    ({"raw": {}}, "could not be read"),
    ({"raw": {"objects": [1]}}, "could not be read"),
    ({"raw": {"objects": [{"path": []}]}}, "could not be read"),
    ({"raw": {"objects": [{"path": [["M", 0, 0], {"a": 1}]}]}}, "could not be read"),
    ({"raw": {"objects": [{"path": [["M", 0, 0], ["L", "1", "2"]]}]}}, "could not be read"),
    ({"raw": {"objects": [{"path": [["M", 0, 0], ["L", 1, float("nan")]]}]}}, "could not be read"),
    ({"raw": {"objects": [{"path": [["M", 0, 0], ["L", 1, float("inf")]]}]}}, "could not be read"),
    ({"raw": {"objects": [{"path": _ENDLESS}]}}, "too long, so it was not read"),
    ({"raw": {"objects": [{"path": [["M", 0, 0], ["L", 10**400, -(10**400)]]}]}}, ""),
]


def test_a_forged_drawing_is_harmless(app):
    app.run()
    click(app, "Clear")
    for drawing, sentence in _FORGED:
        app.session_state["canvas"] = {"drawing": drawing, "backgroundFit": {}}
        app.run()
        assert sentence in warnings(app) and bool(app.warning) == bool(sentence)
        assert "It is a" not in words(app)
    draws(app, SEVEN)
    assert "It is a 7" in words(app) and not app.warning


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda some: (
        st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=3), some, max_size=3)
    ),
    max_leaves=8,
)
_PATH = st.lists(st.tuples(st.sampled_from("MLQ") | _JSON, _JSON, _JSON).map(list), max_size=5)
_OBJECTS = st.lists(st.fixed_dictionaries({"path": _PATH | _JSON}) | _JSON, max_size=3)


def test_any_report_is_a_drawing_or_a_problem(app):
    app.run()  # It provides the canvas, without which the module cannot be imported.
    from ui.draw.canvas import Drawing
    from ui.draw.drawing_link import text_of

    @settings(max_examples=50)
    @given(_OBJECTS.map(lambda objects: {"raw": {"objects": objects}}) | _JSON)
    def check(report):
        drawn = Drawing()
        drawn.read_report(report)
        assert unpack(text_of(drawn)) == drawn.strokes
        assert not (drawn.strokes and drawn.problem)

    check()


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("A" * (MAX_LENGTH + 1), "is too long"),
        ("1Zm9yZ2Vk", "damaged or incomplete"),
        ("\N{SNOWMAN}<script>", "damaged or incomplete"),
        (pack(SEVEN)[:-4], "damaged or incomplete"),
        ("test-500", "must be between 0 and 499"),
        ("test-٣", "must be between 0 and 499"),
    ],
)
def test_a_forged_link_falls_back_with_a_sentence(app, drawing, sentence):
    app.query_params.update(drawing=drawing, z="1,2")
    app.run()
    assert sentence in warnings(app) and "left out" in warnings(app)
    assert app.session_state.drawing.label == 2, "the first visit's digit"
    assert "drawing" not in app.query_params and "z" not in app.query_params
    app.run()
    assert not app.warning


def test_a_forged_z_falls_back_with_a_sentence(app):
    app.query_params.update(drawing="test-3", z="1,nan")
    app.run()
    assert "z must be 10 numbers" in warnings(app)
    assert app.session_state.drawing.index == 3 and app.session_state.drawing.z is None


def test_a_drawing_that_is_too_long_for_a_link_is_read(app):
    app.run()
    draws(app, [[(i % 280, i // 280) for i in range(6000)]])
    assert "more than 5,000 points, too many for a link" in words(app)
    assert EMPTY not in words(app) and not app.warning


def test_a_drawing_in_a_link_is_seen_on_other_pages_without_a_canvas(home):
    app = AppTest.from_file(str(ROOT / "ui/main.py"), default_timeout=120)
    app.query_params["drawing"] = pack(strokes(SEVEN))
    app.switch_page(HOW).run()
    assert not app.exception
    drawn = app.session_state.drawing
    assert load("conv").predict(drawn.x).digit == 7 and drawn.objection is None


def test_a_forged_z_is_not_taken_to_generate(app):
    app.run()
    from ui.components.handover import parse_report

    for forged in (None, 3, {}, {"z": 3}, {"z": [0.0]}, {"z": ["1"] * 2}):
        assert parse_report(forged, 2) is None
    for odd in (None, 1e308, 10**400, float("nan")):
        assert parse_report({"z": [0.0, odd]}, 2) is None
    assert parse_report({"z": [0, 1.5]}, 2) == [0.0, 1.5]
