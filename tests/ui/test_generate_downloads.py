"""What one takes home: links that restore what is on the screen, code, pictures and many digits."""

import math
import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from app_testing import warnings, words
from browsing import (
    PHONE,
    at_rest,
    copied,
    draw,
    go_to,
    heading,
    narrow_enough,
    own_button,
    pixels,
    visit,
)
from conftest import ROOT, wait_until
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

import vae
from ui.address import MODES, PAD, SAMPLE, SWEEP
from ui.generate import code, picture
from ui.generate.choices import Choices
from vae.data.mnist import first_test_examples
from vae.data.strokes import MAX_LENGTH, Stroke, pack, unpack
from vae.errors import DrawingError

FOUR = [[(110, 50), (80, 150), (200, 150)], [(170, 60), (165, 240)]]

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda some: (
        st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=3), some, max_size=3)
    ),
    max_leaves=8,
)
_COMMAND = st.tuples(st.sampled_from("MLQ") | _JSON, _JSON, _JSON).map(list) | _JSON
FORGED = st.lists(
    st.fixed_dictionaries({"path": st.lists(_COMMAND, max_size=5) | _JSON}), max_size=3
)
"""Strokes as a browser could send them."""


def asked(url, name):
    return parse_qs(urlsplit(url).query)[name][0]


def drawn_as_each_digit(page):
    return [pixels(c) for c in page.locator("canvas[aria-label^='This z drawn as']").all()]


def grays(page, name):
    """The 784 gray values of a picture of the page."""
    return page.get_by_label(name).evaluate(
        """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, 28, 28).data)
            .filter((_, i) => i % 4 === 0)"""
    )


def test_a_link_restores_the_drawing_and_the_z(browser, server):
    with visit(browser, f"{server.url}/?model=fast") as page:
        heading(page, re.compile("It is")).wait_for()
        draw(page, FOUR)
        heading(page, "It is a 4").wait_for()
        plain = copied(page)
        assert "z" not in parse_qs(urlsplit(plain).query), "z was not moved"
        track = page.get_by_role("slider", name="z2", exact=True)
        track.focus()
        for _ in range(5):
            track.press("ArrowRight")
        link, z = copied(page), track.get_attribute("aria-valuenow")
        assert len(asked(link, "drawing")) <= MAX_LENGTH and asked(link, "model") == "fast"
        before, strip = grays(page, "The drawing as the model sees it"), drawn_as_each_digit(page)
        strokes = unpack(asked(link, "drawing"))
        assert len(strokes) == len(FOUR)
        for stroke, line in zip(strokes, FOUR, strict=True):
            ends = [stroke.points[0], stroke.points[-1]]
            assert np.abs(np.subtract(ends, [line[0], line[-1]])).max() <= 1

        with visit(browser, link) as other:
            heading(other, "It is a 4").wait_for()
            at_rest(other)
            after = lambda: grays(other, "The drawing as the model sees it")  # noqa: E731
            # It is only rounded to the grid.
            wait_until(lambda: np.abs(np.subtract(after(), before)).max() <= 40)
            wait_until(lambda: drawn_as_each_digit(other) == strip)
            slider = other.get_by_role("slider", name="z2", exact=True)
            wait_until(lambda: slider.get_attribute("aria-valuenow") == z)
            again = copied(other)
            with visit(browser, again) as third:
                heading(third, "It is a 4").wait_for()
                name = "The drawing as the model sees it"
                wait_until(
                    lambda: np.abs(np.subtract(grays(third, name), grays(other, name))).max() <= 40
                )
                wait_until(lambda: drawn_as_each_digit(third) == strip)
            assert asked(again, "drawing") == asked(link, "drawing")

            other.reload()  # The address still has it.
            wait_until(lambda: other.locator("canvas[aria-label^='This z drawn']").count() == 10)
            wait_until(lambda: drawn_as_each_digit(other) == strip)
            go_to(other, "How it works")
            other.get_by_text("My drawing").wait_for()
            assert asked(copied(other), "drawing") == asked(link, "drawing")
            go_to(other, "Draw")
            heading(other, "It is a 4").wait_for()
            own_button(other, "A scribble").click()
            heading(other, "Not one digit").wait_for()
            go_to(other, "Generate")
            other.get_by_text("Latent knobs").wait_for()
            other.wait_for_url(lambda url: "drawing=" not in url)


def test_a_link_to_a_test_digit_and_links_that_are_forged(browser, server):
    with visit(browser, f"{server.url}/?drawing=test-0") as page:
        page.get_by_text("a test digit, labelled 7").wait_for()
        at_rest(page)
        expected = np.rint(255 * first_test_examples().x[0])
        shown = lambda: grays(page, "The drawing as the model sees it")  # noqa: E731
        wait_until(lambda: np.abs(expected - shown()).max() <= 1)
        assert asked(copied(page), "drawing") == "test-0"


def in_app(app, **params):
    app.query_params.update(params)
    return app.run()


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("2" + pack([])[1:], "of a kind that this version cannot read"),
        ("1" + "A" * MAX_LENGTH, "is too long"),
        ("1Zm9yZ2Vk", "damaged or incomplete"),
        ("1\N{SNOWMAN}<script>", "damaged or incomplete"),
        ("test-500", "must be between 0 and 499"),
        ("test-٣", "must be between 0 and 499"),
    ],
)
def test_a_forged_drawing_falls_back_with_a_sentence(app, drawing, sentence):
    in_app(app, drawing=drawing, z="1,2")
    assert sentence in warnings(app) and "left out" in warnings(app)
    assert app.session_state.drawing.label == 2, "the first visit's digit"
    assert "drawing" not in app.query_params
    app.run()
    assert not app.warning


def test_a_forged_z_falls_back_with_a_sentence(app):
    in_app(app, drawing="test-3", z="1,nan")
    assert "z must be 10 numbers" in warnings(app)
    assert app.session_state.drawing.index == 3 and app.session_state.drawing.z is None


def test_a_drawing_in_a_link_is_seen_on_other_pages_without_a_canvas(home):
    app = AppTest.from_file(str(ROOT / "ui/main.py"), default_timeout=120)
    app.query_params["drawing"] = pack([Stroke(tuple(map(tuple, line)), False) for line in FOUR])
    app.switch_page("../pages/how-it-works.py").run()
    assert not app.exception
    drawn = app.session_state.drawing
    assert vae.load("conv").predict(drawn.x).digit == 4 and drawn.objection is None
    from ui.canvas import Drawing, objects  # The app has registered its component by now.
    from ui.drawing_link import text_of

    smooth = [Stroke(((10, 10), (50, 80), (90, 20), (200, 200)), True)]
    assert unpack(text_of(Drawing(strokes=objects(smooth)))) == smooth


def test_a_forged_stroke_breaks_no_page_and_is_packed_once(app):
    app.run()
    from ui.canvas import Drawing
    from ui.drawing_link import text_of

    @given(FORGED)
    @example([{"path": [[{"a": 1}, 1, 2]]}])
    @example([{"path": [["M", 10**400, -math.inf]]}])
    def check(strokes):
        with suppress(DrawingError):
            unpack(text_of(Drawing(strokes=strokes)))

    check()
    for strokes, sentence in (
        ([{"path": [[{"a": 1}, 1, 2]]}], "This drawing cannot be put into a link."),
        ([{"path": [["M", 1, 2]] * 100_000}], "The drawing has more than 5,000 points"),
    ):
        drawn = app.session_state.drawing
        drawn.strokes, drawn.index, drawn.label = strokes, None, None
        app.run()
        assert not app.exception and sentence in words(app)
        packed = drawn.packed
        app.run()
        assert drawn.packed is packed and sentence in words(app)


def test_on_generate_are_png_files_code_and_many_digits(browser, server, tmp_path):
    with visit(browser, f"{server.url}/generate?model=fast&digits=1&digits=7&seed=5") as page:
        page.get_by_text("Latent knobs").wait_for()
        # The run that follows the browser's first picture replaces the files of the one before.
        page.locator("canvas[aria-label='A grid of generated digits']").wait_for()
        wait_until(lambda: page.locator("img.vae-first").count() == 0)
        at_rest(page)
        files = {}
        for size in (1, 4, 16):
            page.get_by_text(f"{size}×", exact=True).click()
            at_rest(page)
            with page.expect_download() as download:
                own_button(page, "Download PNG").click()
            files[size] = np.asarray(Image.open(download.value.path()))
            assert files[size].shape == (58 * size, (8 * 30 - 2) * size)
        for size in (4, 16):
            assert np.array_equal(files[size][::size, ::size], files[1])
        own_button(page, "More").click()
        page.get_by_text("Python code of this picture").wait_for()
        wait_until(lambda: "seed=5" in page.get_by_test_id("stCode").first.inner_text())
        page.get_by_text("Many digits").click()
        page.get_by_text("Takes about").wait_for()
        page.get_by_role("spinbutton", name="Images, 1 to 60,000").fill("1234")
        page.keyboard.press("Enter")
        page.get_by_text("x (1234, 28, 28)").wait_for()
        at_rest(page)
        with page.expect_download() as download:
            own_button(page, "Download NPZ").click()
        npz = download.value.path().read_bytes()
        assert npz == vae.generate_dataset(vae.load("fast"), 1234, 5, [1, 7]).to_npz()
        command = "vae generate fast --npz digits.npz --count 1234 --seed 5 --digits 17"
        wait_until(lambda: command in page.get_by_test_id("stCode").last.inner_text())
    with visit(browser, f"{server.url}/generate?model=classic", PHONE, touch=True) as page:
        own_button(page, "More").click()
        page.get_by_text("Many digits").click()
        page.get_by_text("Takes about").wait_for()
        narrow_enough(page)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["classic", "unlabelled"])
def test_the_code_makes_the_picture_that_is_downloaded(name, mode, tmp_path, monkeypatch):
    model = vae.load(name)
    knobs = {f"z{i}": round(0.1 * i - 0.3, 1) for i in range(model.params.z_dim)}
    values = {**knobs, "count": 5, "spread": 0.35, "contrast": 1.7}
    some = [0, 2, 3, 5, 6, 8, 9] if model.labelled else [*range(10)]
    for digits, own in ((some, False), (some[:1], model.labelled)):
        choices = Choices(digits, mode, 3, own, "z1", ("z0", "z1"), "contrast", values)
        text = code.of_picture(name, model, choices, 4, 4 * picture.GAP)
        monkeypatch.chdir(tmp_path)
        exec(compile(text, "code", "exec"), {})
        assert (tmp_path / "digits.png").read_bytes() == picture.png(model, choices, 4)
    assert {SAMPLE, SWEEP, PAD} == set(MODES)
