"""The Generate page in a browser: the picture follows the sliders and the pad."""

import re

import numpy as np
import pytest
from browsing import (
    PHONE,
    SEVEN,
    at_rest,
    copied,
    decoded,
    draw,
    go_to,
    heading,
    inside,
    narrow_enough,
    own_button,
    picture,
    pixels,
    resize,
    visit,
)
from conftest import wait_until
from PIL import Image

import vae

ALT = "A grid of generated digits"
LINK = "generate?model=fast&z0=1.5&z1=-3&digits=1&digits=7&digits=9&seed=5"
WINDOW = (1280, 900)


def canvas(page):
    return page.locator(f"canvas[aria-label='{ALT}']")


def downloaded(page):
    """The grid as the server draws it, with one pixel for each of an image."""
    with page.expect_download() as download:
        own_button(page, "Download PNG").click()
    return np.asarray(Image.open(download.value.path()))[::4, ::4].astype(int)


def live(page):
    """Wait until the picture is drawn and the server has nothing to do."""
    page.locator(".grid[data-drawn]").wait_for()
    at_rest(page)


def thumb(page, key):
    box = page.locator(f".st-key-{key} [data-testid=stSliderThumbValue]").locator("..")
    box = box.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def grab(page, key, pixels_aside):
    """Press a slider's thumb and drag it, without letting it go."""
    x, y = thumb(page, key)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels_aside, y)


@pytest.fixture(scope="module")
def visited(browser, server):
    with visit(browser, f"{server.url}/{LINK}", WINDOW) as page:
        live(page)
        yield page


@pytest.fixture
def page(visited):
    """One visit for tests that need not begin anew."""
    resize(visited, WINDOW)
    return visited


def test_a_knob_is_filled_from_0(page):
    filled = """key => {
        const group = document.querySelector(`.st-key-${key} [role=group]`)
        const [track, thumb] = group.firstElementChild.children
        const bar = getComputedStyle(thumb, "::before")
        const [left, right] = [track, thumb].map(e => e.getBoundingClientRect())
        const middle = box => box.left + box.width / 2
        return [parseFloat(bar.width), middle(right) - middle(left), left.width,
                bar.backgroundColor === getComputedStyle(thumb).backgroundColor]
    }"""

    def right(key, share):
        width, distance, track, same_color = page.evaluate(filled, key)
        return abs(distance - share * track) <= 1 and abs(width - abs(distance)) <= 1 and same_color

    for key, share in (("z0", 0.25), ("z1", -0.5), ("z2", 0)):
        wait_until(lambda key=key, share=share: right(key, share))
    grab(page, "z2", -50)
    wait_until(lambda: abs(page.evaluate(filled, "z2")[0] - 50) < 6)
    page.mouse.up()


def test_the_picture_follows_a_drag_of_which_the_server_hears_once_it_has_ended(page):
    pictures, requests = [picture(page)], page.runs.requests
    x, y = thumb(page, "z3")
    grab(page, "z3", 20)
    for step in (40, 60):
        wait_until(lambda: pixels(canvas(page)) not in pictures)
        pictures.append(pixels(canvas(page)))
        page.mouse.move(x + step, y)
    assert page.runs.requests == requests
    page.mouse.up()
    page.wait_for_url(re.compile("z3=[0-9.]+"))
    wait_until(lambda: picture(page) not in pictures and page.runs.requests == requests + 1)


def test_the_sliders_below_the_knobs_change_the_picture(page):
    for key, aside in (("count", -25), ("spread", -25), ("contrast_fast", 25)):
        before = picture(page)
        grab(page, key, aside)
        wait_until(lambda before=before: pixels(canvas(page)) != before)
        page.mouse.up()
    at_rest(page)
    wait_until(lambda: np.abs(downloaded(page) - decoded(picture(page))).max() <= 2)


def test_the_link_leads_back_to_the_same_picture(browser, page):
    before = picture(page)
    own_button(page, "Surprise me").click()
    wait_until(lambda: picture(page) != before)
    surprised = picture(page)
    with visit(browser, copied(page)) as other:
        wait_until(lambda: picture(other) == surprised)


def test_the_picture_waits_while_a_digit_is_drawn_from_which_it_then_starts(page):
    before = picture(page)
    page.locator(".st-key-z0 input").press("ArrowLeft")
    wait_until(lambda: pixels(canvas(page)) != before)
    turned = pixels(canvas(page))
    go_to(page, "Draw")  # At once: the server does not know of the key yet.
    draw(page, SEVEN)
    heading(page, "It is a 7").wait_for()
    go_to(page, "Generate")
    live(page)
    assert picture(page) == turned
    own_button(page, "My drawing").click()
    page.get_by_alt_text("Started from your drawing").wait_for()
    wait_until(lambda: picture(page) != turned)


def fits(page):
    """Wait until the picture and its buttons are in the window, whatever its size."""
    download = own_button(page, "Download PNG")
    natural = canvas(page).evaluate("canvas => canvas.width / canvas.height")

    def is_not_stretched():
        box = canvas(page).bounding_box()
        return box["width"] / box["height"] == pytest.approx(natural, rel=0.02)

    for size in (WINDOW, (1920, 1080), (1280, 720)):
        resize(page, size)
        wait_until(lambda: inside(page, canvas(page)) and inside(page, download))
        wait_until(is_not_stretched)
        if size[1] >= 900:
            wait_until(lambda: inside(page, page.locator(".st-key-knobs")))


def test_a_picture_of_any_shape_fits_into_any_window(page):
    fits(page)
    page.get_by_role("slider", name="Columns").press("Home")
    page.wait_for_url(re.compile("count=1\\b"))
    at_rest(page)
    fits(page)
    page.locator(".st-key-columns").get_by_text("Pad").click()
    page.wait_for_url(re.compile("columns=Pad"))
    at_rest(page)
    fits(page)
    page.locator(".st-key-columns").get_by_text("Sample").click()
    at_rest(page)


def test_the_controls_fit_beside_a_scrollbar_and_on_a_phone(page):
    top = lambda key: page.locator(f".st-key-{key}").bounding_box()["y"]  # noqa: E731
    resize(page, (1265, 900))
    wait_until(lambda: top("columns") == top("source") == top("seed"))
    resize(page, (390, 844))
    digits = page.locator(".st-key-digits")

    def in_one_row():
        box = digits.bounding_box()
        boxes = [own_button(digits, str(d)).bounding_box() for d in range(10)]
        within = all(b["x"] + b["width"] <= box["x"] + box["width"] for b in boxes)
        return within and len({b["y"] for b in boxes}) == 1

    wait_until(in_one_row)


def test_the_browser_draws_what_the_server_draws(browser, server):
    with visit(browser, "about:blank") as page:
        for link in (
            "model=fast&columns=Sweep&knob=z4&z1=2&contrast_fast=3",
            "model=fast&z3=1.5&z0=-2&spread=0.7&count=5&seed=3",
            "model=fast&source=Digit%27s+own&z3=1&digits=2&digits=7&count=12",
            "model=unlabelled&z0=0.5&seed=3&count=5",
            "model=unlabelled&columns=Sweep&z0=0.5&seed=3&count=5",
        ):
            page.goto(f"{server.url}/generate?{link}")
            live(page)
            expected = downloaded(page)
            wait_until(lambda e=expected: abs(decoded(picture(page)) - e).max() <= 2)
            assert expected.max() > 200, "there is something to see"


def test_the_picture_has_its_place_before_the_model_is_in_the_browser(browser, server):
    with visit(browser, "about:blank") as page:
        page.route("**/models/**", lambda route: None)  # It never comes.
        page.goto(f"{server.url}/generate?model=fast&count=4")
        canvas(page).wait_for()
        empty = canvas(page).bounding_box()
        assert downloaded(page).max() > 200, "the server draws the file"
        page.unroute("**/models/**")
        page.reload()
        live(page)
        assert canvas(page).bounding_box() == empty


def test_on_a_phone_the_picture_stays_in_sight_and_the_knobs_are_in_order(browser, server):
    with visit(browser, f"{server.url}/generate?model=fast", PHONE, touch=True) as page:
        live(page)
        page.locator(".st-key-z9").scroll_into_view_if_needed()
        at_rest(page)
        wait_until(lambda: inside(page, canvas(page)))
        wait_until(lambda: canvas(page).bounding_box()["height"] < PHONE[1] / 2)
        inputs = page.locator(".st-key-knobs input[type=range]")
        places = [box["y"] for box in (i.bounding_box() for i in inputs.all())]
        assert len(places) == 10 and places == sorted(places)
        before = picture(page)
        x, y = thumb(page, "z9")
        page.touchscreen.tap(x + 40, y)
        wait_until(lambda: picture(page) != before)


PAINTED = """map => map.width === 9 * 28 && map.getContext("2d").getImageData(0, 0, 252, 252)
    .data.some((value, i) => i % 4 < 3 && value)"""


def test_the_pad_sets_two_knobs_on_a_map_of_the_others(browser, server):
    link = "generate?model=fast&columns=Pad&across=z2&up=z5"
    with visit(browser, f"{server.url}/{link}", WINDOW) as page:
        live(page)
        wait_until(lambda: page.locator("canvas.map").evaluate(PAINTED))
        pad = page.get_by_role("slider", name="across")
        box = pad.bounding_box()
        at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
        before = picture(page)
        page.mouse.move(*at(0.5, 0.5))
        page.mouse.down()
        page.mouse.move(*at(0.75, 0.5))
        wait_until(lambda: pixels(canvas(page)) != before)
        page.mouse.move(*at(0.75, 0.75))
        page.mouse.up()
        page.wait_for_url(re.compile(r"z2=1\.5.*z5=-1\.5|z5=-1\.5.*z2=1\.5"))
        wait_until(lambda: page.locator(".st-key-z2 input").input_value() == "1.5")
        pad.press("ArrowRight")
        pad.press("ArrowUp")
        page.wait_for_url(re.compile(r"z2=1\.6.*z5=-1\.4|z5=-1\.4.*z2=1\.6"))
        page.locator(".st-key-z2 input").press("Home")
        page.wait_for_url(re.compile(r"z2=-3"))
        wait_until(lambda: "-3.0" in pad.get_attribute("aria-valuetext"))


def test_many_digits_are_made_and_downloaded(page):
    page.goto(page.url.split("?")[0] + "?model=fast&digits=1&digits=7&seed=5")
    own_button(page, "More").click()
    page.get_by_text("Python code of this picture").wait_for()
    wait_until(lambda: "seed=5" in page.get_by_test_id("stCode").first.inner_text())
    page.get_by_text("Many digits").click()
    page.get_by_text("Takes about").wait_for()
    page.get_by_role("spinbutton", name="Images, 1 to 60,000").fill("234")
    page.keyboard.press("Enter")
    page.get_by_text("x (234, 28, 28)").wait_for()
    at_rest(page)
    with page.expect_download() as download:
        own_button(page, "Download NPZ").click()
    expected = vae.generate_dataset(vae.load("fast"), 234, 5, [1, 7]).to_npz()
    assert download.value.path().read_bytes() == expected
    command = "vae generate fast --npz digits.npz --count 234 --seed 5 --digits 17"
    wait_until(lambda: command in page.get_by_test_id("stCode").last.inner_text())
    resize(page, PHONE)
    narrow_enough(page)
