"""The Draw page in a real browser: the live model beside the canvas."""

import re
from itertools import pairwise

import numpy as np
import pytest
from browsing import (
    ONE,
    PHONE,
    SEVEN,
    at_rest,
    draw,
    go_to,
    heading,
    ink,
    inside,
    narrow_enough,
    own_button,
    pixels,
    resize,
    seen,
    visit,
)
from conftest import wait_until
from draw_page import alike, answered, choose_model, grays, likeliest, ready, redrawn, z

from vae import Params, save
from vae.model.architecture import shapes
from vae.model.numpy_model import TrainedVAE

EMPTY = "Nothing is drawn"
LAPTOP, WIDE = (1280, 900), (1920, 1080)


@pytest.fixture(scope="module")
def visited(browser, server):
    """One visit for all tests that need no other size or touch."""
    with visit(browser, server.url, LAPTOP) as page:
        yield page


@pytest.fixture
def opened(visited, server):
    """The page with the model conv."""
    resize(visited, LAPTOP)
    if heading(visited, "Draw a digit").count() == 0 or "model=" in visited.url:
        visited.goto(server.url)
    ready(visited)
    return visited


def clear(page):
    if own_button(page, "Clear").is_enabled():
        own_button(page, "Clear").click()
    heading(page, EMPTY).wait_for()


@pytest.fixture
def page(opened):
    """The page with an empty canvas."""
    clear(opened)
    at_rest(opened)
    return opened


@pytest.fixture
def drawn(opened):
    """The page with a 7 on it."""
    if heading(opened, "It is a 7").count() == 0:
        clear(opened)
        draw(opened, SEVEN)
        heading(opened, "It is a 7").wait_for()
    at_rest(opened)
    return opened


def test_all_follows_the_pen_python_answers_and_a_reload_keeps_the_drawing(visited, server):
    page = visited
    page.goto(server.url)
    ready(page)
    heading(page, "It is a 2").wait_for()
    first = seen(page), redrawn(page)
    overlay = page.get_by_alt_text("A test digit on the canvas")
    wait_until(overlay.is_visible)
    steps_back = page.evaluate("history.length")
    draw(page, SEVEN, lift=False)
    wait_until(lambda: likeliest(page) == 7)
    wait_until(lambda: not overlay.is_visible())
    wait_until(lambda: seen(page) != first[0] and redrawn(page) != first[1])
    assert heading(page, "It is a 2").is_visible(), "Python has not been asked"
    verdict = page.locator(".st-key-answer_text")
    opacity = lambda: float(verdict.evaluate("e => getComputedStyle(e).opacity"))  # noqa: E731
    wait_until(lambda: opacity() < 0.5)
    page.mouse.up()
    heading(page, "It is a 7").wait_for()
    wait_until(lambda: opacity() == 1)
    wait_until(lambda: "It is a 7" in page.locator(".said[role=status]").inner_text())
    at_rest(page)

    def confidences():
        said = page.get_by_text(re.compile("^Confidence: ")).inner_text()
        shown = page.locator(".bars .likeliest .number").inner_text()
        return float(said.split()[1]), float(shown.split()[0])

    wait_until(lambda: abs(np.subtract(*confidences())) <= 0.2)
    drawn = grays(page)
    page.wait_for_url(lambda url: "drawing=" in url)
    page.reload()
    heading(page, "It is a 7").wait_for()
    ready(page)
    wait_until(lambda: ink(page) > 1000)
    wait_until(lambda: alike(grays(page), drawn))
    assert page.evaluate("history.length") == steps_back, "a stroke is no step for Back"


def test_a_drawing_survives_a_page_switch_and_is_taken_back_by_keys_and_buttons(drawn):
    page, pictures = drawn, [grays(drawn)]
    go_to(page, "Generate")
    page.wait_for_url(lambda url: url.endswith("/generate"))
    go_to(page, "Draw")
    heading(page, "It is a 7").wait_for()
    ready(page)
    wait_until(lambda: ink(page) > 1000)  # The strokes are on the canvas again.
    wait_until(lambda: alike(grays(page), pictures[0]))
    for line in ([(20, 140), (260, 140)], [(20, 200), (260, 200)]):
        before = page.locator("[data-answer]").get_attribute("data-answer")
        draw(page, [line])
        answered(page, before)
        pictures.append(grays(page))
    page.keyboard.press("Control+z")  # The focus is where the mouse has left it.
    wait_until(lambda: alike(grays(page), pictures[1]))
    at_rest(page)
    own_button(page, "Undo").click()
    wait_until(lambda: alike(grays(page), pictures[0]))
    heading(page, "It is a 7").wait_for()
    clear(page)
    wait_until(lambda: ink(page) == 0)
    page.get_by_text("Nothing is drawn yet.").wait_for()
    draw(page, ONE)
    heading(page, "It is a 1").wait_for()
    wait_until(lambda: likeliest(page) == 1)


def test_the_examples_are_drawn_on_the_canvas(page):
    for button, said in (
        ("A scribble", "Not one digit"),
        ("A 4 or a 9?", "Not sure"),
        ("A test digit", "labelled"),
        ("A 4 or a 9?", "Not sure"),
        ("Two digits", "Not one digit"),
    ):
        before = seen(page)
        own_button(page, button).press("Enter")
        page.locator(".st-key-answer_text", has_text=said).wait_for()
        wait_until(lambda before=before: seen(page) != before)
        strokes = 0 if button == "A test digit" else 1000
        wait_until(lambda strokes=strokes: (ink(page) > 0) == (strokes > 0))
    page.locator(".st-key-answer_text").get_by_text("These look like two digits").wait_for()


def test_a_dimension_of_z_is_dragged_and_moved_by_keys(drawn):
    page = drawn
    own, mean = redrawn(page), z(page)
    six = page.get_by_label("This z drawn as 6")
    before = pixels(six)
    slider = page.get_by_role("slider", name="z0", exact=True)
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], middle, steps=5)
    wait_until(lambda: z(page) == pytest.approx(2, abs=0.05))
    wait_until(lambda: redrawn(page) != own and pixels(six) != before)
    page.mouse.up()
    page.get_by_text(re.compile(r"From this z it is [\d.]+ nats farther")).wait_for()
    slider.press("ArrowRight")
    wait_until(lambda: z(page) == pytest.approx(2.1, abs=0.05))
    slider.press("Home")
    wait_until(lambda: z(page) == -4)
    own_button(page, "Back to the drawing").click()
    wait_until(lambda: z(page) == mean and redrawn(page) == own)
    wait_until(lambda: own_button(page, "Back to the drawing").is_disabled())


def test_the_z_on_the_screen_goes_to_generate(drawn):
    page = drawn
    for key, end in (("End", 4), ("Home", -4)):
        page.get_by_role("slider", name="z1", exact=True).press(key)
        wait_until(lambda end=end: z(page, 1) == end)
        values = [z(page, i) for i in range(10)]
        own_button(page, "Use in Generate").click()
        page.wait_for_url("**/generate*")
        for i, value in enumerate(values):
            knob = page.locator(f".st-key-z{i} input[type=range]")
            knob.wait_for()
            expected = pytest.approx(min(max(value, -3), 3), abs=0.051)
            wait_until(lambda knob=knob, expected=expected: float(knob.input_value()) == expected)
        at_rest(page)
        go_to(page, "Draw")
        heading(page, "It is a").wait_for()
        at_rest(page)


def test_the_stages_stand_side_by_side_and_fit_into_the_window(drawn):
    order = ("canvas.upper-canvas", ".image", ".encoder", ".latents", ".decoder", ".redrawn")
    box = lambda name: drawn.locator(name).bounding_box()  # noqa: E731
    side_by_side = lambda left, right: left["x"] + left["width"] <= right["x"] + 1  # noqa: E731
    for size in (LAPTOP, WIDE):
        resize(drawn, size)
        wait_until(lambda: all(side_by_side(*pair) for pair in pairwise(map(box, order))))
        wait_until(lambda: 280 <= box(order[0])["width"] <= 400)
        for name in (*order, ".bars", ".strip", ".costs", ".st-key-examples"):
            wait_until(lambda name=name: inside(drawn, drawn.locator(name)))
        narrow_enough(drawn)


def test_every_formula_can_be_read(drawn):
    page = drawn
    texts = page.locator(".draw details[open] p:not([hidden])")

    def readable(width):
        boxes = [text.bounding_box() for text in texts.all()]
        return (
            boxes
            and all(a["y"] + a["height"] <= b["y"] for a, b in pairwise(boxes))
            and all(b["x"] >= 0 and b["x"] + b["width"] <= width for b in boxes)
        )

    for size in (LAPTOP, (1100, 800), PHONE):
        resize(page, size)
        for name in ("what it sees", "the probabilities", "z", "what it draws"):
            button = page.locator(f"summary[aria-label='More about {name}']")
            button.click()
            wait_until(lambda size=size: readable(size[0]))
            button.press("Escape")
            wait_until(lambda: page.locator(".draw details[open]").count() == 0)


def test_sampling_again_is_mu_and_sigma_times_noise(drawn):
    page, own = drawn, redrawn(drawn)
    own_button(page, "Sample again").click()
    wait_until(lambda: redrawn(page) != own)
    said = lambda: page.locator(".about-latents").inner_text().replace("−", "-")  # noqa: E731
    sampled_by = re.compile(r"z(\d+) = μ \+ σ · ε = (\S+) \+ (\S+) · (\S+) = (\S+)\. ")
    i, mu, sigma, noise, sampled = map(float, wait_until(lambda: sampled_by.match(said())).groups())
    assert sampled == pytest.approx(mu + sigma * noise, abs=0.02)
    wait_until(lambda: z(page, int(i)) == pytest.approx(sampled, abs=0.01))
    clear(page)
    draw(page, ONE)
    heading(page, "It is a 1").wait_for()
    wait_until(lambda: own_button(page, "Back to the drawing").is_disabled())


def test_another_model_answers_to_the_same_drawing_and_z_waits_for_it(drawn):
    page, drawing, by_conv = drawn, seen(drawn), redrawn(drawn)
    choose_model(page, "classic")
    wait_until(lambda: redrawn(page) != by_conv)
    heading(page, "It is a 7").wait_for()
    wait_until(lambda: seen(page) == drawing)

    clear(page)
    own_button(page, "Sample again").click()
    page.route("**/models/fast*", lambda route: None)  # The next model never comes.
    choose_model(page, "fast")
    for name in ("Sample again", "Back to the drawing", "Use in Generate"):
        wait_until(lambda name=name: own_button(page, name).is_disabled())
        own_button(page, name).evaluate("b => { b.disabled = false; b.click() }")
    draw(page, ONE)
    heading(page, "It is a 1").wait_for()
    assert page.locator("#vae-failure").count() == 0
    page.unroute("**/models/fast*")


def test_any_number_of_dimensions_fits_into_the_window(visited, server):
    rng = np.random.default_rng(0)
    folder = server.home / "weights"
    folder.mkdir(exist_ok=True)
    paths = {z_dim: folder / f"untrained-{z_dim}.safetensors" for z_dim in (1, 32)}
    for z_dim, path in paths.items():
        params = Params(z_dim=z_dim)
        tensors = {
            name: rng.standard_normal(shape, np.float32) / 10
            for name, shape in shapes(params).items()
        }
        save(path, TrainedVAE(params, tensors))
    page = visited
    resize(page, LAPTOP)
    try:
        page.goto(f"{server.url}/?model=untrained-1")
        for z_dim in paths:
            if z_dim > 1:
                choose_model(page, f"untrained-{z_dim}")
            wait_until(lambda z_dim=z_dim: page.get_by_role("slider").count() == z_dim)
            ready(page)
            sliders = page.get_by_role("slider").all()
            for slider in sliders:
                wait_until(lambda slider=slider: slider.bounding_box()["width"] > 35)
                wait_until(lambda slider=slider: inside(page, slider))
            wait_until(lambda: inside(page, page.locator(".strip")))
            narrow_enough(page)
            sliders[-1].press("End")
            wait_until(lambda z_dim=z_dim: z(page, z_dim - 1) == 4)
    finally:
        for path in paths.values():
            path.unlink()


def test_by_touch_on_a_phone_the_answer_is_under_the_canvas(browser, server):
    with visit(browser, server.url, PHONE, touch=True) as page:
        ready(page)
        at_rest(page)
        top = lambda name: page.locator(name).bounding_box()["y"]  # noqa: E731
        order = (".st-key-canvas", ".st-key-answer_text", ".bars", ".strip", ".latents", ".sees")
        wait_until(lambda: all(top(above) <= top(below) for above, below in pairwise(order)))
        wait_until(lambda: top(".redrawn") < top(".strip"))
        width = lambda key: page.locator(f".st-key-{key}").bounding_box()["width"]  # noqa: E731
        wait_until(lambda: abs(width("canvas") - width("undo_clear")) <= 1)
        narrow_enough(page)
        for button in ("Undo", "Clear"):
            draw(page, SEVEN)
            heading(page, "It is a 7").wait_for()
            own_button(page, button).tap()
            heading(page, EMPTY).wait_for()
            wait_until(lambda: ink(page) == 0)


def test_what_the_live_model_assumes_of_the_canvas(page):
    """If an upgrade of the canvas breaks one of these, the page no longer follows the pen."""
    layers = """selector => {
        const hosts = [...document.querySelectorAll(".st-key-canvas [data-testid]")]
        const root = hosts.map(host => host.shadowRoot).find(root => root)
        return [...root.querySelectorAll(selector)].map(layer => {
            const { data } = layer.getContext("2d").getImageData(0, 0, layer.width, layer.height)
            const white = data.filter((value, i) => i % 4 === 0 && value > 128).length
            return { width: layer.width, height: layer.height, white, opaque: data[3] === 255 }
        })
    }"""
    of = lambda selector: page.evaluate(layers, selector)  # noqa: E731
    empty = {"width": 280, "height": 280, "white": 0}
    wait_until(lambda: of("canvas.dc-canvas.lower-canvas") == [{**empty, "opaque": True}])
    wait_until(lambda: of("canvas.upper-canvas") == [{**empty, "opaque": False}])
    for name in ("Edit", "Reset canvas & history"):
        assert not page.get_by_role("button", name=name, exact=True).is_visible()
    draw(page, SEVEN, lift=False)
    wait_until(lambda: of("canvas.upper-canvas")[0]["white"] > 1000)
    assert of("canvas.dc-canvas.lower-canvas")[0]["white"] == 0, "it is on the upper layer"
    page.mouse.up()
    wait_until(lambda: of("canvas.dc-canvas.lower-canvas")[0]["white"] > 1000)
    wait_until(lambda: of("canvas.upper-canvas")[0]["white"] == 0)
