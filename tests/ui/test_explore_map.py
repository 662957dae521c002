"""The map of the Explore page, in a real browser, against NumPy."""

import re

import numpy as np
import pytest
from browsing import (
    PHONE,
    SEVEN,
    choose_model,
    draw,
    go_to,
    heading,
    inside,
    linked,
    narrow_enough,
    visit,
)
from canvas_drawings import strokes
from conftest import wait_until
from explore_map import Map
from touch import at_top, fingers

from vae import Params, load, save
from vae.analysis.projection import same_digit_share
from vae.data.strokes import pack
from vae.model.architecture import shapes
from vae.model.numpy_model import TrainedVAE

LAPTOP = (1280, 900)


@pytest.fixture(scope="module")
def page(browser, server):
    with visit(browser, f"{server.url}/explore?model=fast", LAPTOP) as page:
        yield page


@pytest.fixture
def shown(page):
    """The map of `fast` as at first, without a pin."""
    shown = Map(page, load("fast"))
    shown.ready("fast")
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Decode as").select_option("")
    for key in ("0", "Escape"):
        shown.plot.press(key)
    wait_until(lambda: shown.linked("pin") is None)
    return shown


def share_in(page):
    wait_until(lambda: "same digit" in page.locator(".share").inner_text())
    return float(re.search(r"same digit in ([\d.]+)", page.locator(".share").inner_text())[1]) / 100


def test_each_point_is_where_numpy_has_it(page, shown):
    wait_until(lambda: all(inside(page, part) for part in (shown.plot, page.locator(".legend"))))
    narrow_enough(page)
    first, scale = shown.scale()
    assert scale[0] == pytest.approx(-scale[1], rel=0.01), "both axes are scaled alike"
    canvas, legend = shown.colours(), shown.legend()
    spots = np.rint([0.25, 0.3] * shown.size + (shown.places - first) * scale).astype(int)
    height, width = canvas.shape[:2]
    seen = (spots > 3).all(1) & (spots[:, 0] < width - 3) & (spots[:, 1] < height - 3)
    assert seen.mean() > 0.99
    spots, digits = spots[seen], shown.images.y[seen]
    crowd = ((spots[:, None] - spots[None, :2000]) ** 2).sum(2) < 100
    alone = np.flatnonzero(crowd[:2000].sum(1) == 1)
    assert len(alone) > 100
    right = [
        (canvas[y - 2 : y + 3, x - 2 : x + 3, :3] == legend[digit]).all(2).any()
        for (x, y), digit in zip(spots[alone], digits[alone], strict=True)
    ]
    assert np.mean(right) > 0.97, "the others lie under points that were not compared"
    share = same_digit_share(shown.mu, shown.images.y)
    assert share_in(page) == pytest.approx(share, abs=0.005), "stored as float16"

    # Where few points are in view, they are images, in the colours of their digits.
    page.mouse.move(*(spots[alone[0]] + shown.at(0, 0)).tolist())
    page.mouse.wheel(0, -2000)
    wait_until(lambda: shown.nearest == np.flatnonzero(seen)[alone[0]])
    image = shown.images.x[shown.nearest].reshape(28, 28)
    wait_until(lambda: has_image(shown.colours(), image, legend[digits[alone[0]]]))


def has_image(canvas, image, color):
    """Whether most of an image is somewhere on the canvas, in this colour."""
    windows = np.lib.stride_tricks.sliding_window_view(canvas[..., 3], (28, 28))
    bright = np.argwhere(image > 100)
    same = sum(windows[..., y, x] == image[y, x] for y, x in bright)
    top, left = np.unravel_index(same.argmax(), same.shape)
    there = canvas[top : top + 28, left : left + 28, :3]
    return same.max() > 0.8 * len(bright) and (there[image == 255] == color).all(1).mean() > 0.8


def test_the_place_is_decoded_and_in_the_link(page, shown, server):
    pin = shown.pin_at(0.7, 0.8)
    shown.shows(pin)
    page.mouse.move(*shown.at(0.4, 0.4))
    wait_until(lambda: shown.nearest != ((shown.places - pin) ** 2).sum(1).argmin())
    page.mouse.move(5, 5)  # The pin counts again.
    shown.shows(pin)
    page.get_by_label("Decode as").select_option("4")
    for digit in (3, 7):
        page.get_by_role("button", name=f"Digit {digit}").click()
    shown.shows(pin, digit=4, digits=(3, 7))
    legend = {tuple(shown.legend()[digit]) for digit in (3, 7)}

    def bright():
        colours = shown.colours().reshape(-1, 4)
        return {tuple(color) for color in np.unique(colours[colours[:, 3] == 255, :3], axis=0)}

    wait_until(lambda: bright() == legend)
    values = {name: shown.linked(name) for name in ("pin", "as", "shown", "map")}
    assert values == {"pin": values["pin"], "as": "4", "shown": "37", "map": None}
    go_to(page, "Generate")
    page.get_by_text("Latent knobs").wait_for()
    go_to(page, "Explore")
    shown.ready()
    shown.shows(pin, digit=4, digits=(3, 7))
    page.goto(f"{server.url}/explore?model=fast&pin={values['pin']}&as=8&shown=25")
    shown.ready()
    assert np.array_equal(shown.pin, pin) and shown.linked("shown") == "25"
    shown.shows(pin, digit=8, digits=(2, 5))


def test_keys_and_wheel_move_by_pixels_of_the_screen(page, shown):
    first, scale = shown.scale()

    def step(key):
        shown.plot.press("Enter")
        before = shown.pin
        shown.plot.press(key)
        shown.plot.press("Enter")
        return shown.pin - before

    assert step("ArrowRight") == pytest.approx([8 / scale[0], 0], abs=2e-3)
    assert step("ArrowUp") == pytest.approx([0, -8 / scale[1]], abs=2e-3)
    shown.plot.press("+")
    assert step("Shift+ArrowLeft") == pytest.approx([-40 / 1.5 / scale[0], 0], abs=2e-3)
    said = re.compile(rf"^Pinned\. Here: component 1 at .*test image {shown.nearest}, a ")
    wait_until(lambda: said.match(page.locator(".spoken").inner_text()))
    shown.plot.press("0")
    there = shown.pin_at(0.6, 0.4)
    page.mouse.wheel(0, -800)  # The place under the pointer stays.
    close = shown.pin_at(0.6, 0.41)
    assert close[0] == pytest.approx(there[0], abs=0.02)
    assert 0 < there[1] - close[1] < 0.006 * shown.size[1] / -scale[1]
    page.mouse.down()
    page.mouse.move(*shown.at(0.5, 0.41), steps=4)
    page.mouse.up()
    assert shown.pin == pytest.approx(close), "a drag does not pin"
    assert shown.pin_at(0.5, 0.41) == pytest.approx(close, abs=0.02)
    shown.plot.press("0")
    assert shown.pin_at(0.25, 0.3) == pytest.approx(first, abs=0.02)


def test_links_that_ask_for_what_there_is_not(page, server):
    page.goto(f"{server.url}/explore?model=plane&map=neighbours")
    page.get_by_text("map must be one of plane, not 'neighbours'. It was left out.").wait_for()
    page.goto(f"{server.url}/explore?model=fast&pin=1;2&as=12&shown=33&map=sphere")
    page.locator(".map-view[data-ready]").wait_for()
    warnings = page.get_by_test_id("stAlert")
    wait_until(lambda: warnings.count() == 4)
    text = " ".join(warnings.all_inner_texts())
    assert all(f"not '{wrong}'" in text for wrong in ("1;2", "12", "33", "sphere"))
    assert linked(page, "pin") is None


def test_other_models_have_other_maps(page, server):
    rng = np.random.default_rng(0)
    folder = server.home / "weights"
    folder.mkdir(exist_ok=True)
    models = {}
    for z_dim in (1, 2):
        params = Params(z_dim=z_dim, encoder_layers=(20,), decoder_sees="nothing")
        tensors = {
            name: rng.standard_normal(shape, np.float32) / np.float32(np.sqrt(shape[0]))
            for name, shape in shapes(params).items()
        }
        models[f"bare{z_dim}"] = TrainedVAE(params, tensors)
    for name, model in models.items():
        save(folder / f"{name}.safetensors", model)
    try:
        page.goto(f"{server.url}/explore?model=bare2")
        shown = Map(page, models["bare2"])
        shown.ready("bare2")
        page.get_by_label("Decode as").wait_for(state="hidden")
        pin = shown.pin_at(0.4, 0.6)
        shown.shows(pin)
        where = f"Here z0 is {pin[0]:.2f} and z1 is {pin[1]:.2f}."
        wait_until(lambda: page.locator(".where").inner_text().replace("−", "-") == where)
        page.route("**/maps/bare1*", lambda route: route.fulfill(status=422, body="No such map."))
        choose_model(page, "bare1")
        page.get_by_text("No such map.").wait_for()
        page.unroute("**/maps/bare1*")
        choose_model(page, "bare2")
        shown.ready("bare2")
        choose_model(page, "bare1")  # Is asked for again.
        page.get_by_text("a line for each digit").wait_for()
        for name, mixed in (("plane", True), ("unlabelled", False)):
            page.locator(".map-view button.other").click()
            shown.ready(name)
            wait_until(lambda m=mixed: (share_in(page) < 0.25) == m)
            assert ("Here the digits are mixed" in page.locator(".share").inner_text()) == mixed
    finally:
        for name in models:
            (folder / f"{name}.safetensors").unlink()


def test_the_drawing_is_on_the_map_which_fingers_move(browser, server):
    with visit(browser, f"{server.url}/explore?model=classic", PHONE, touch=True) as page:
        shown = Map(page, load("classic"))
        shown.ready()
        narrow_enough(page)
        page.get_by_role("button", name="Draw a digit").click()
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Explore")
        shown.ready()
        captions = page.locator(".strip figcaption")
        wait_until(lambda: captions.count() == 8)
        names = page.locator(".strip canvas").evaluate_all("all => all.map(c => c.ariaLabel)")
        labels = [int(text) for text in captions.all_inner_texts()]
        assert 7 in labels
        assert [shown.images.y[int(name.split()[2].rstrip(","))] for name in names] == labels
        there = shown.root.get_attribute("data-z")
        fingers_on_the_map(page, shown)
        page.touchscreen.tap(*shown.at(0.5, 0.6))
        wait_until(lambda: shown.linked("pin"))
        shown.shows(shown.pin)
        # A map that has its points before its model begins at the drawing, too.
        page.goto(f"{server.url}/explore?model=classic&drawing={pack(strokes(SEVEN))}")
        shown.ready()
        z = lambda text: np.array(text.split(","), float)  # noqa: E731
        wait_until(lambda: np.abs(z(shown.root.get_attribute("data-z")) - z(there)).max() < 0.3)


def fingers_on_the_map(page, shown):
    """One finger scrolls the page; held first, it is followed; two zoom and move."""
    main = page.locator("[data-testid=stMain]")
    scrolled = lambda: main.evaluate("main => main.scrollTop")  # noqa: E731
    wait_until(lambda: at_top(main))
    z = lambda: shown.root.get_attribute("data-z")  # noqa: E731
    x, y = shown.at(0.5, 0.6)
    before = shown.colours()

    # At the end it stays, so that the page does not scroll on.
    swipe = [[(x, y - 15 * min(i, 9))] for i in range(16)]
    wait_until(lambda: fingers(page, *swipe) and scrolled() > 60)
    assert shown.linked("pin") is None
    wait_until(lambda: at_top(main))

    at_first = z()
    session = fingers(page, [(x + 20, y)], lift=False)
    wait_until(lambda: z() != at_first)
    held = z()
    fingers(page, *([(x + 20, y - 15 * i)] for i in range(1, 8)), session=session)
    wait_until(lambda: z() != held)
    assert scrolled() == 0 and shown.linked("pin") is None

    start = [(x - 30, y)], [(x - 30, y), (x + 30, y)]
    apart = ([(x - 30 - 10 * i, y - 5 * i), (x + 30 + 10 * i, y - 5 * i)] for i in range(8))
    fingers(page, *start, *apart)
    wait_until(lambda: not np.array_equal(shown.colours(), before))
    assert scrolled() == 0
    page.get_by_role("button", name="Show the whole map").tap()
    wait_until(lambda: np.array_equal(shown.colours(), before))
