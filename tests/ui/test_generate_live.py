"""The Generate page in a browser: the picture follows the sliders and the pad."""

import base64
import io
import re

import numpy as np
import pytest
from browsing import (
    PHONE,
    SEVEN,
    at_rest,
    draw,
    go_to,
    heading,
    inside,
    picture,
    pixels,
    resize,
    visit,
)
from conftest import wait_until
from PIL import Image
from playwright.sync_api import Locator

ALT = "A grid of generated digits"


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def canvas(page):
    return page.locator(f"canvas[aria-label='{ALT}']")


def shown(page):
    """The grid as bytes (height, width), once no script runs any more."""
    url = picture(page)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))


def downloaded(page):
    """The grid as the server draws it, with one pixel for each of an image."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    return np.asarray(Image.open(download.value.path()))[::4, ::4]


def live(page):
    """Wait until the picture is the browser's own, and the server knows: then it follows a slider
    and the server does not.
    """
    canvas(page).wait_for()
    wait_until(lambda: page.locator(".vae-first").count() == 0)
    at_rest(page)


def thumb(page, key):
    box = page.locator(f".st-key-{key} [data-testid=stSliderThumbValue]").locator("..")
    box = box.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fits(page):
    """Wait until the picture and its buttons are in the window, whatever its size."""
    download = page.get_by_role("button", name="Download PNG")
    for size in ((1280, 900), (1920, 1080), (1280, 720)):
        resize(page, size)
        wait_until(lambda: inside(page, canvas(page)) and inside(page, download))
        wait_until(lambda: has_its_shape(canvas(page)))
        if size[1] >= 900:
            wait_until(lambda: inside(page, page.locator(".st-key-knobs")))


def has_its_shape(picture):
    """Whether no side of the canvas is stretched."""
    box = picture.bounding_box()
    natural = picture.evaluate("canvas => canvas.width / canvas.height")
    return box["width"] / box["height"] == pytest.approx(natural, rel=0.02)


def count(page, key, columns):
    """Move the slider of the number of columns to one of its ends."""
    page.get_by_role("slider", name="Columns").press(key)
    page.wait_for_url(re.compile(f"count={columns}\\b"))
    at_rest(page)


def test_the_browser_draws_what_the_server_draws_into_any_window(browser, server):
    with visit(browser, "about:blank") as page:
        for link in (
            "columns=Sweep&knob=z4&z1=2&contrast_conv=3",
            "columns=Pad&z0=1.2&z8=-1",
            "z3=1.5&z0=-2&spread=0.7&count=5&seed=3",
            "source=Digit%27s+own&z3=1&digits=2&digits=7&count=12",
        ):
            page.goto(f"{server.url}/generate?{link}")
            live(page)
            expected = downloaded(page).astype(int)
            wait_until(lambda e=expected: abs(shown(page).astype(int) - e).max() <= 2)
            assert expected.max() > 200, "there is something to see"
            fits(page)
        page.locator(".st-key-digits").get_by_role("button", name="7").click()
        page.wait_for_url(lambda url: "digits=7" not in url)
        count(page, "Home", 1)
        fits(page)
        for mode in ("Sweep", "Pad"):
            page.locator(".st-key-columns").get_by_text(mode).click()
            page.wait_for_url(re.compile(f"columns={mode}"))
            fits(page)


def test_the_picture_follows_drags_and_the_server_is_informed_later(browser, server):
    with visit(browser, "about:blank") as page:
        sent, received = [], []
        page.on("websocket", lambda socket: socket.on("framesent", lambda f: sent.append(len(f))))
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda f: received.append(len(f))),
        )
        page.goto(f"{server.url}/generate?model=fast")
        live(page)
        pictures = [picture(page)]
        sent.clear()
        received.clear()
        x, y = thumb(page, "z0")
        page.mouse.move(x, y)
        page.mouse.down()
        for step in (20, 40, 60):
            page.mouse.move(x + step, y)
            wait_until(lambda: pixels(canvas(page)) not in pictures)
            pictures.append(pixels(canvas(page)))
        assert not sent and not received, "nothing is sent while a slider is dragged"
        page.mouse.up()
        page.wait_for_url(re.compile("z0=[0-9.]+"))
        wait_until(lambda: picture(page) == pictures[-1] and received)  # Once it has rested.
        assert len(sent) == 1 and sum(received) < 5_000
        z0 = page.locator(".st-key-z0 input[type=range]")
        rested = z0.input_value()
        for leave in (Locator.click, lambda link: link.press("Enter")):
            z0.press("ArrowRight")
            wait_until(lambda rested=rested: z0.input_value() != rested)
            turned = z0.input_value()
            leave(page.get_by_role("link", name="Draw").first)
            heading(page, "Draw a digit").wait_for()
            go_to(page, "Generate")
            live(page)
            wait_until(lambda turned=turned: z0.input_value() == turned)
            rested = turned
        for key in ("count", "spread", "contrast_fast"):
            before = picture(page)
            x, y = thumb(page, key)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 25 if key != "contrast_fast" else x + 25, y)
            wait_until(lambda before=before: pixels(canvas(page)) != before)
            page.mouse.up()
            at_rest(page)
        wait_until(lambda: np.abs(downloaded(page).astype(int) - shown(page)).max() <= 2)

        page.route("**/models/**", lambda route: None)  # The next model never comes.
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name="classic").click()
        page.get_by_role("img", name=ALT).and_(page.locator("img")).wait_for()
        canvas(page).wait_for(state="hidden")  # Until then the server draws.


def test_knobs_change_the_picture_and_the_link_reproduces_it(browser, server):
    with visit(browser, f"{server.url}/generate") as page:
        live(page)
        first = picture(page)
        knob = page.get_by_role("slider", name="z0")
        knob.focus()
        for _ in range(10):
            knob.press("ArrowRight")
        page.wait_for_url(re.compile("z0=1"))
        wait_until(lambda: picture(page) != first)
        turned = picture(page)
        page.get_by_role("button", name="Surprise me").click()
        page.wait_for_url(re.compile("seed="))
        wait_until(lambda: picture(page) != turned)
        surprised = picture(page)
        with visit(browser, page.url) as other:
            wait_until(lambda: picture(other) == surprised)
        go_to(page, "Draw")
        heading(page, "Draw a digit").wait_for()
        go_to(page, "Generate")
        wait_until(lambda: picture(page) == surprised)


def test_the_first_picture_does_not_wait_for_the_model(browser, server):
    with visit(browser, "about:blank") as page:
        page.route("**/models/**", lambda route: None)  # The model never comes.
        page.goto(f"{server.url}/generate?count=4")
        image = page.get_by_alt_text(ALT)
        wait_until(lambda: image.evaluate("image => image.naturalWidth") == 4 * 30 - 2)
        wait_until(lambda: inside(page, image))
        assert not canvas(page).is_visible()
        for press in ("End", "Home"):
            before = image.get_attribute("src")
            page.get_by_role("slider", name="z0").press(press)
            wait_until(lambda before=before: image.get_attribute("src") != before)
        assert not canvas(page).is_visible()
        page.get_by_role("button", name="Surprise me").click()
        page.wait_for_url(re.compile("seed="))
        at_rest(page)
        wait_until(lambda: np.array_equal(decoded(image_text(image)), downloaded(page)))


def image_text(image):
    return image.get_attribute("src").split(",")[1]


@pytest.fixture(scope="module")
def page(browser, server):
    """One visit for tests that need not begin anew."""
    with visit(browser, f"{server.url}/generate?z0=1.5&z1=-3", (1280, 900)) as page:
        live(page)
        yield page


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
    x, y = thumb(page, "z2")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 50, y)
    wait_until(lambda: abs(page.evaluate(filled, "z2")[0] - 50) < 6)
    page.mouse.up()


def test_a_slider_of_streamlit_changes_its_value_while_it_is_dragged(page):
    slider = page.locator(".st-key-z3 input[type=range]")
    assert slider.count() == 1 and slider.get_attribute("value") == "0"
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("-3", "3")
    x, y = thumb(page, "z3")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y)
    wait_until(lambda: float(slider.get_attribute("value")) > 0.3)
    wait_until(lambda: page.locator(".st-key-z3 [data-dragging]").count() == 1)
    page.mouse.up()
    wait_until(lambda: page.locator(".st-key-z3 [data-dragging]").count() == 0)


def test_the_link_to_a_picture_is_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    picture(page)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "z0=1.5" in page.url


def test_the_controls_fit_beside_a_scrollbar_and_on_a_phone(page):
    top = lambda key: page.locator(f".st-key-{key}").bounding_box()["y"]  # noqa: E731
    resize(page, (1265, 900))
    wait_until(lambda: top("columns") == top("source") == top("seed"))
    resize(page, (390, 844))
    digits = page.locator(".st-key-digits")

    def in_one_row():
        box = digits.bounding_box()
        boxes = [digits.get_by_role("button", name=str(d)).bounding_box() for d in range(10)]
        inside = all(b["x"] + b["width"] <= box["x"] + box["width"] for b in boxes)
        return inside and len({b["y"] for b in boxes}) == 1

    wait_until(in_one_row)


def test_on_a_phone_the_picture_stays_in_sight_and_the_knobs_are_in_order(browser, server):
    with visit(browser, f"{server.url}/generate", PHONE, touch=True) as page:
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


def test_the_pad_sets_two_knobs_on_a_map_of_the_others(browser, server):
    with visit(browser, f"{server.url}/generate?columns=Pad&across=z2&up=z5", (1280, 900)) as page:
        live(page)
        behind = page.locator("canvas.map")
        wait_until(lambda: behind.evaluate("map => map.width") == 9 * 28)
        wait_until(
            lambda: behind.evaluate(
                "map => map.getContext('2d').getImageData"
                "(0, 0, 252, 252).data.some((v, i) => i % 4 < 3 && v)"
            )
        )
        before = pixels(behind)
        knob = page.locator(".st-key-z8 input")
        knob.press("ArrowRight")
        knob.press("ArrowLeft")
        page.evaluate("new Promise(done => setTimeout(done, 400))")  # Longer than a map's delay.
        assert pixels(behind) == before

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
        at_rest(page)
        turned = picture(page)
        with visit(browser, page.url, (1280, 900)) as other:
            live(other)
            wait_until(lambda: picture(other) == turned)
            there = other.get_by_role("slider", name="across")
            wait_until(lambda: "1.6" in there.get_attribute("aria-valuetext"))
        page.locator(".st-key-z2 input").press("Home")
        page.wait_for_url(re.compile(r"z2=-3"))
        wait_until(lambda: "-3.0" in pad.get_attribute("aria-valuetext"))


def test_start_from_my_drawing(browser, server):
    with visit(browser, server.url) as page:
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Generate")
        live(page)
        before = picture(page)
        page.get_by_role("button", name="My drawing").click()
        page.get_by_text("Started from your drawing").wait_for()
        page.get_by_alt_text("Started from your drawing").wait_for()
        wait_until(lambda: picture(page) != before)
