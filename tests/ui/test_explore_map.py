"""The map of the Explore page, in a real browser, against NumPy."""

import base64
import io
import json
import re
import struct
import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from browsing import (
    SEVEN,
    at_rest,
    draw,
    go_to,
    heading,
    inside,
    load_module,
    narrow_enough,
    pixels,
    visit,
)
from conftest import wait_until
from PIL import Image

from ui.live.explore.map import source
from ui.live.explore.map.training import TrainingMaps
from vae import Params, load, save
from vae.data import tiles
from vae.data.mnist import TEST_SIZE, TRAINING_SIZE
from vae.data.mnist import test_images as mnist_test_images
from vae.data.strokes import Stroke, pack
from vae.errors import DataError
from vae.model import latent_map
from vae.model.architecture import shapes
from vae.model.latent_map import EMBEDDING_SIDE, compute_mu
from vae.model.numpy_model import TrainedVAE, softmax
from vae.model.projection import plane_of, same_digit_share

LAPTOP, PHONE = (1280, 900), (390, 844)
PLACE = """(name) => {
    const read = globalThis[Symbol.for("vae-lab-link")]?.get(name)
    return read ? read() : null
}"""
TO_TOP = """async (main) => {
    main.scrollTo(0, 0)
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)
    return main.scrollTop === 0
}"""
POINTS = """([zDim, mu, y, origin, axes, embedding, projection, spots, shown]) => {
    const points = new module.Points({
        count: y.length, zDim, origin, axes, shares: [0.5, 0.5],
        embedding: embedding && Uint16Array.from(embedding),
        mu: Float32Array.from(mu), y: Uint8Array.from(y),
    }, null)
    const { x, y: up } = points.project(projection)
    return {
        projections: points.projections, x: Array.from(x), y: Array.from(up),
        near: spots.map(([a, b]) => points.nearest(projection, a, b, shown)),
        z: spots.map(([a, b]) => Array.from(points.zAt(projection, a, b).z)),
        neighbours: points.neighbours(Float32Array.from(mu.slice(0, zDim)), 5),
    }
}"""


@pytest.fixture(scope="module")
def empty(browser):
    page = browser.new_page()
    load_module(page, "explore/map/points")
    yield page
    page.close()


@pytest.mark.parametrize("z_dim", [1, 2, 3, 32])
@pytest.mark.parametrize("embedded", [False, True])
def test_places_neighbours_and_z_are_those_of_numpy(empty, z_dim, embedded):
    rng = np.random.default_rng(z_dim)
    mu = rng.standard_normal((200, z_dim)).astype(np.float16).astype(np.float32)
    y = rng.integers(0, 10, 200)
    plane = plane_of(mu)
    embedding = rng.integers(0, 65536, (200, 2)) if embedded else None
    projection = "plane" if z_dim <= 2 else "neighbours" if embedded else "pca"
    places = (mu - plane.origin) @ plane.axes.T
    if projection == "neighbours":
        places = embedding * 100 / EMBEDDING_SIDE
    spots = places[:20] + rng.normal(0, 0.3, (20, 2))
    shown = rng.random(10) < 0.5
    shown[y[0]] = True
    given = [
        *(z_dim, mu.ravel().tolist(), y.tolist(), plane.origin.tolist(), plane.axes.tolist()),
        None if embedding is None else embedding.ravel().tolist(),
        *(projection, spots.tolist(), shown.tolist()),
    ]
    found = empty.evaluate(POINTS, given)
    expected = ["plane"] if z_dim <= 2 else ["pca", "neighbours"] if embedded else ["pca"]
    assert found["projections"] == expected
    assert np.allclose(found["x"], places[:, 0], atol=1e-4)
    if z_dim == 1:  # A strip: a line for each digit, the higher ones below.
        places[:, 1] = found["y"]
        lines = [places[y == digit, 1] for digit in range(10)]
        assert all(above.min() > below.max() for above, below in pairwise(lines))
    assert np.allclose(found["y"], places[:, 1], atol=1e-4)
    distances = ((spots[:, None] - places) ** 2).sum(2)
    assert found["near"] == np.where(shown[y], distances, np.inf).argmin(1).tolist()
    z = plane.origin + spots @ plane.axes
    if projection == "neighbours":
        nearest = np.argsort(distances, 1)[:, :8]
        weights = 1 / (np.take_along_axis(distances, nearest, 1) + 1e-6)
        z = ((weights / weights.sum(1, keepdims=True))[..., None] * mu[nearest]).sum(1)
    assert np.allclose(found["z"], z, atol=1e-3)
    assert found["neighbours"] == np.argsort(((mu - mu[0]) ** 2).sum(1))[:5].tolist()


class Map:
    """The map on a page, and what NumPy says of its model."""

    def __init__(self, page, name):
        self.page = page
        self.root = page.locator(".map-view")
        self.plot = page.locator(".plot")
        self.model = load(name) if isinstance(name, str) else name
        self.of_model = f"[data-model^='{name}@']" if isinstance(name, str) else ""
        self.images = mnist_test_images()
        self.x = self.images.examples(slice(None)).x
        self.mu = compute_mu(self.model, self.images).astype(np.float16).astype(np.float32)
        self.plane = plane_of(self.mu)
        self.places = (self.mu - self.plane.origin) @ self.plane.axes.T

    def ready(self):
        self.page.locator(f".map-view{self.of_model}[data-ready=model]").wait_for()

    def state(self, name):
        return self.page.evaluate(PLACE, name)

    @property
    def pin(self):
        return np.array([float(value) for value in self.state("pin").split(",")])

    def at(self, across, down):
        """A place of the window, given as shares of the plot."""
        box = self.plot.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def pin_at(self, across, down):
        self.plot.press("Escape")
        wait_until(lambda: self.state("pin") is None)
        self.page.mouse.click(*self.at(across, down))
        wait_until(lambda: self.state("pin"))
        return self.pin

    @property
    def nearest(self):
        return int(self.root.get_attribute("data-nearest"))

    def gray(self, name):
        """The pixels of a picture, 0 to 255."""
        rgba = self.page.locator(f"canvas.{name}").evaluate(
            "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data)"
        )
        return np.array(rgba[::4])

    def shows(self, place, digit=None, digits=range(10)):
        """Whether all that is beside the map is what NumPy has for a place."""
        distances = ((self.places - place) ** 2).sum(1)
        near = np.where(np.isin(self.images.y, list(digits)), distances, np.inf).argmin()
        wait_until(lambda: self.nearest == near)
        wait_until(lambda: self.page.locator("canvas.missing").count() == 0)
        label = self.images.y[near]
        self.page.get_by_text(f"nearest: a {label}", exact=True).wait_for()
        z = self.plane.origin + place @ self.plane.axes
        decoded = self.model.generate(label if digit is None else digit, z)[0]
        wait_until(lambda: np.abs(self.gray("decoded") - 255 * decoded).max() <= 3)
        wait_until(lambda: np.array_equal(self.gray("original"), self.images.x[near]))
        probability = softmax(self.model.classify(self.x[near : near + 1]))
        redrawn = self.model.decode(self.mu[near : near + 1], probability)[0]
        wait_until(lambda: np.abs(self.gray("redrawn") - 255 * redrawn).max() <= 3)

    def colours(self):
        """RGBA of the canvas, (height, width, 4)."""
        png = pixels(self.page.locator("canvas.points")).split(",")[1]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))

    def legend(self):
        text = self.page.locator(".swatch").evaluate_all(
            "all => all.map(s => getComputedStyle(s).backgroundColor.match(/[0-9]+/g).map(Number))"
        )
        return np.array(text)


def test_the_map_by_mouse_and_keys(browser, server):
    with visit(browser, f"{server.url}/explore?model=fast", LAPTOP) as page:
        shown = Map(page, "fast")
        shown.ready()
        wait_until(
            lambda: all(inside(page, part) for part in (shown.plot, page.locator(".legend")))
        )
        narrow_enough(page)
        wait_until(lambda: "same digit" in page.locator(".share").inner_text())
        share = same_digit_share(shown.mu, shown.images.y)
        assert share_in(page.locator(".share").inner_text()) == pytest.approx(share, abs=0.005)

        # Two pins say where the axes of the canvas are; then each point has to be in its place.
        first, second = shown.pin_at(0.25, 0.3), shown.pin_at(0.7, 0.8)
        shown.shows(second)
        box = shown.plot.bounding_box()
        corner = np.array([0.25 * box["width"], 0.3 * box["height"]])
        scale = np.array([0.45 * box["width"], 0.5 * box["height"]]) / (second - first)
        assert scale[0] == pytest.approx(-scale[1], rel=0.01), "both axes are scaled alike"
        canvas, legend = shown.colours(), shown.legend()
        spots = np.rint(corner + (shown.places - first) * scale).astype(int)
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

        # Decoded as another digit; then only some digits.
        page.get_by_label("Decode as").select_option("4")
        shown.shows(second, digit=4)
        page.get_by_label("Decode as").select_option("")
        for digit in (3, 7):
            page.get_by_role("button", name=f"Digit {digit}").click()
        pressed = page.locator(".legend [aria-pressed=true]")
        wait_until(lambda: pressed.all_inner_texts() == ["3", "7"])
        shown.shows(second, digits=(3, 7))

        def bright():
            found = {tuple(color) for color in shown.colours().reshape(-1, 4)}
            return {color[:3] for color in found if color[3] == 255}

        wait_until(lambda: bright() == {tuple(legend[3]), tuple(legend[7])})
        assert shown.state("shown") == "37"
        page.get_by_role("button", name="All", exact=True).click()
        shown.shows(second)

        # The pointer is followed; the pin comes back when it leaves, or goes by Escape.
        page.mouse.move(*shown.at(0.4, 0.4))
        wait_until(lambda: "component 1 at" in page.locator(".where").inner_text())
        wait_until(lambda: shown.nearest != ((shown.places - second) ** 2).sum(1).argmin())
        page.mouse.move(5, 5)
        shown.shows(second)
        shown.plot.press("Escape")
        wait_until(lambda: shown.state("pin") is None)

        # Keys: the cursor moves by pixels of the screen, so by half as much at twice the zoom.
        def step(key):
            shown.plot.press("Enter")
            before = shown.pin
            shown.plot.press(key)
            shown.plot.press("Enter")
            return shown.pin - before

        right, up = step("ArrowRight"), step("ArrowUp")
        assert right == pytest.approx([8 / scale[0], 0], abs=2e-3)
        assert up == pytest.approx([0, -8 / scale[1]], abs=2e-3)
        shown.plot.press("+")
        assert step("Shift+ArrowLeft") == pytest.approx([-40 / 1.5 / scale[0], 0], abs=2e-3)
        shown.shows(shown.pin)
        spoken = page.locator(".spoken")
        said = re.compile(rf"^Pinned\. Here: component 1 at .*test image {shown.nearest}, a ")
        wait_until(lambda: said.match(spoken.inner_text()))

        # The wheel zooms at the pointer, a drag moves, 0 shows the whole map again.
        shown.plot.press("0")
        there = shown.pin_at(0.6, 0.4)
        page.mouse.wheel(0, -800)
        close = shown.pin_at(0.6, 0.41)
        assert close[0] == pytest.approx(there[0], abs=0.02)
        assert 0 < there[1] - close[1] < 0.6 * 0.01 * box["height"] / -scale[1]
        page.mouse.down()
        page.mouse.move(*shown.at(0.5, 0.41), steps=4)
        page.mouse.up()
        assert shown.pin == pytest.approx(close), "a drag does not pin"
        moved = shown.pin_at(0.5, 0.41)
        assert moved == pytest.approx(close, abs=0.02)
        page.mouse.dblclick(*shown.at(0.5, 0.5))
        shown.plot.press("0")
        assert shown.pin_at(0.25, 0.3) == pytest.approx(first, abs=0.02)

        # Where few points are in view, they are images, in the colours of their digits.
        i = alone[0]
        page.mouse.move(*(spots[i] + [box["x"], box["y"]]).tolist())
        page.mouse.wheel(0, -2000)
        wait_until(lambda: shown.nearest == np.flatnonzero(seen)[i])
        image = shown.images.x[shown.nearest].reshape(28, 28)
        wait_until(lambda: has_image(shown.colours(), image, legend[digits[i]]))

        # A link shows the same; the state outlives a change of the page.
        page.get_by_label("Decode as").select_option("8")
        pin = shown.pin
        values = {name: shown.state(name) for name in ("pin", "as", "shown", "map")}
        assert values["as"] == "8" and values["shown"] is values["map"] is None
        link = f"{server.url}/explore?model=fast&pin={values['pin']}&as=8&shown=25"
        go_to(page, "Generate")
        page.get_by_text("Latent knobs").wait_for()
        go_to(page, "Explore")
        shown.ready()
        shown.shows(pin, digit=8)
    with visit(browser, link, LAPTOP) as page:
        shown.page, shown.root, shown.plot = page, page.locator(".map-view"), page.locator(".plot")
        shown.ready()
        assert np.array_equal(shown.pin, pin) and shown.state("shown") == "25"
        shown.shows(pin, digit=8, digits=(2, 5))


def share_in(said):
    return float(re.search(r"same digit in ([\d.]+)", said)[1]) / 100


def test_the_model_is_changed_while_all_images_are_encoded(browser, server):
    """Neither that map nor its images stand in the way of those of the other model."""
    with visit(browser, f"{server.url}/explore?model=fast", LAPTOP) as page:
        everything = page.get_by_role("button", name="All 70,000 images")
        shown = Map(page, "fast")
        shown.ready()
        everything.and_(page.locator("button:enabled")).click()
        page.get_by_text("Encoding 60,000 images").wait_for()
        page.mouse.move(*shown.at(0.5, 0.5))
        wait_until(lambda: page.locator("canvas.missing").count() == 0)
        choose_model(page, "classic")
        other = Map(page, "classic")
        other.ready()
        other.shows(other.pin_at(0.4, 0.6))
        requests = page.evaluate("[...globalThis[Symbol.for('vae-lab-map')].requests.keys()]")
        assert not [key for key in requests if "|fast@" in key]
        choose_model(page, "fast")
        shown.ready()
        everything.wait_for()


def choose_model(page, name):
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=name).click()


def test_one_map_of_all_images_is_computed_at_a_time(monkeypatch):
    """Who asks for another one meanwhile is answered at once, and gets it later."""
    going, allowed = [], threading.Semaphore(0)

    def computed(model, check):
        going.append(model)
        assert allowed.acquire(timeout=60)
        check()
        if model == "broken":
            raise DataError("There is no MNIST.")
        return model

    monkeypatch.setattr(latent_map, "train_map", computed)
    maps = TrainingMaps()
    assert maps.ask("a", "a") >= 0
    assert maps.ask("b", "b") == 0 and going == ["a"]
    allowed.release()
    wait_until(lambda: maps.ask("a", "a") == "a")
    wait_until(lambda: going == ["a"] and maps.ask("b", "b") is not None and "b" in going)
    allowed.release()
    wait_until(lambda: maps.ask("b", "b") == "b")
    assert maps.ask("a", "a") == "a" and going == ["a", "b"]
    maps.ask("broken", "broken")
    allowed.release()
    wait_until(lambda: not maps.busy)
    with pytest.raises(DataError):
        maps.ask("broken", "broken")
    allowed.release()
    assert maps.ask("broken", "broken") >= 0, "is tried again"


def test_facts_are_those_of_the_server(browser):
    page = browser.new_page()
    load_module(page, "explore/map/facts")
    found = page.evaluate("({...module, thousands: module.thousands(70000)})")
    page.close()
    assert found == {
        "TEST_IMAGES": TEST_SIZE,
        "TRAINING_IMAGES": TRAINING_SIZE,
        "TILE_IMAGES": tiles.SIZE,
        "EMBEDDING_SIDE": EMBEDDING_SIDE,
        "thousands": "70,000",
    }


def test_whatever_is_asked_for_is_answered(classic):
    def answer(key):
        content = source._answer(key, "classic", "classic@1", classic)
        (length,) = struct.unpack_from("<I", content)
        return json.loads(content[4 : 4 + length])

    for key in ("train|other@1", "test|", "tile|70", "tile|²", "tile|-1", "nothing", "", "facts|"):
        assert answer(key) == {"key": key, "gone": True}
    assert answer("tile|69") == {"key": "tile|69"}
    kernel = np.copysign(np.float32(3e38), classic.tensors["mu.kernel"])
    broken = replace(classic, tensors={**classic.tensors, "mu.kernel": kernel})
    content = source._answer("test|broken@1", "broken", "broken@1", broken)
    assert b"not a finite number" in content


def has_image(canvas, image, color):
    """Whether most of an image is somewhere on the canvas, in this colour."""
    windows = np.lib.stride_tricks.sliding_window_view(canvas[..., 3], (28, 28))
    bright = np.argwhere(image > 100)
    same = sum(windows[..., y, x] == image[y, x] for y, x in bright)
    top, left = np.unravel_index(same.argmax(), same.shape)
    there = canvas[top : top + 28, left : left + 28, :3]
    colored = (there[image == 255] == color).all(1)
    return same.max() > 0.8 * len(bright) and colored.mean() > 0.8


def test_links_that_ask_for_what_there_is_not(browser, server):
    link = "explore?model=fast&pin=1;2&as=12&shown=33&map=sphere"
    with visit(browser, f"{server.url}/explore?model=plane&map=neighbours") as page:
        page.get_by_text("map must be one of plane, not 'neighbours'. It was left out.").wait_for()
        page.goto(f"{server.url}/{link}")
        page.locator(".map-view[data-ready]").wait_for()
        warnings = page.get_by_test_id("stAlert")
        wait_until(lambda: warnings.count() == 4)
        text = " ".join(warnings.all_inner_texts())
        for wrong in ("'1;2'", "'12'", "'33'", "'sphere'"):
            assert f"not {wrong}" in text
        assert page.evaluate(PLACE, "pin") is None
        assert page.locator(".legend [aria-pressed=true]").all_inner_texts() == ["All"]


def test_the_drawing_is_on_the_map_of_all_images_by_touch(browser, server):
    with visit(browser, f"{server.url}/explore?model=classic", PHONE, touch=True) as page:
        shown = Map(page, "classic")
        shown.ready()
        narrow_enough(page)
        page.get_by_role("button", name="Draw a digit").click()
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Explore")
        shown.ready()
        page.get_by_text("Nearest to your drawing in z").wait_for()
        captions = page.locator(".strip figcaption")
        wait_until(lambda: captions.count() == 8)
        captions = captions.all_inner_texts()
        assert captions.count("7") >= 1
        names = page.locator(".strip canvas").evaluate_all("all => all.map(c => c.ariaLabel)")
        for name, caption in zip(names, captions, strict=True):
            index = int(name.split()[2].rstrip(","))
            assert caption == str(shown.images.y[index]) and name.endswith(f"labelled {caption}")
        start = shown.root.get_attribute("data-z")
        fingers_on_the_map(page, shown)
        page.touchscreen.tap(*shown.at(0.5, 0.6))
        wait_until(lambda: shown.state("pin"))
        shown.shows(shown.pin)
        page.get_by_role("button", name="All 70,000 images").and_(
            page.locator("button:enabled")
        ).click()
        page.get_by_role("button", name="Only the test images").wait_for()
        wait_until(lambda: page.locator("canvas.missing").count() == 0)
        at_rest(page)
        # A map that has its points before its model begins at the drawing, too.
        seven = Stroke(tuple(SEVEN[0]), smooth=False)
        page.goto(f"{server.url}/explore?model=classic&drawing={pack([seven])}")
        shown.ready()
        there = np.array(start.split(","), float)
        z = lambda: np.array(shown.root.get_attribute("data-z").split(","), float)  # noqa: E731
        wait_until(lambda: np.abs(z() - there).max() < 0.3)


def fingers_on_the_map(page, shown):
    """One finger scrolls the page; held first, it is followed; two zoom and move."""
    main = page.locator("[data-testid=stMain]")
    scrolled = lambda: main.evaluate("main => main.scrollTop")  # noqa: E731
    wait_until(lambda: main.evaluate(TO_TOP))
    z = lambda: shown.root.get_attribute("data-z")  # noqa: E731
    x, y = shown.at(0.5, 0.6)
    plain = shown.colours()

    # At the end it stays, so that the page does not scroll on.
    swipe = [[(x, y - 15 * min(i, 9))] for i in range(16)]
    wait_until(lambda: fingers(page, *swipe) and scrolled() > 60)
    assert shown.state("pin") is None
    wait_until(lambda: main.evaluate(TO_TOP))

    before = z()
    session = fingers(page, [(x + 20, y)], lift=False)
    wait_until(lambda: z() != before)
    held = z()
    fingers(page, *([(x + 20, y - 15 * i)] for i in range(1, 8)), session=session)
    wait_until(lambda: z() != held)
    assert scrolled() == 0 and shown.state("pin") is None

    start = [(x - 30, y)], [(x - 30, y), (x + 30, y)]
    apart = ([(x - 30 - 10 * i, y - 5 * i), (x + 30 + 10 * i, y - 5 * i)] for i in range(8))
    fingers(page, *start, *apart)
    wait_until(lambda: not np.array_equal(shown.colours(), plain))
    assert scrolled() == 0
    page.get_by_role("button", name="Show the whole map").tap()
    wait_until(lambda: np.array_equal(shown.colours(), plain))


def fingers(page, *moments, lift=True, session=None):
    """Put fingers where the moments say, one after the other; returns how to go on."""
    touches = 0 if session is None else 1
    session = session or page.context.new_cdp_session(page)

    def send(kind, places):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for places in moments:
        send("touchStart" if len(places) > touches else "touchMove", places)
        touches = len(places)
        page.wait_for_timeout(20)
    if lift:
        send("touchEnd", [])
    return session


def test_a_plane_a_strip_and_both_kinds_of_models(browser, server):
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
        models[z_dim] = TrainedVAE(params, tensors)
        save(folder / f"untrained{z_dim}.safetensors", models[z_dim])
    try:
        with visit(browser, f"{server.url}/explore?model=untrained2", LAPTOP) as page:
            shown = Map(page, models[2])
            shown.ready()
            page.get_by_label("Decode as").wait_for(state="hidden")
            pin = shown.pin_at(0.4, 0.6)
            shown.shows(pin)
            where = f"Here z0 is {pin[0]:.2f} and z1 is {pin[1]:.2f}."
            wait_until(lambda: page.locator(".where").inner_text().replace("−", "-") == where)
            page.get_by_role("combobox", name="Model").click()
            page.get_by_role("option", name="untrained1").click()
            page.get_by_text("a line for each digit").wait_for()
            shown.ready()
            page.get_by_role("button", name="Show the model with labels").click()
            for name, other in (("plane", "without labels"), ("unlabelled", "with labels")):
                points = Map(page, name)
                share = same_digit_share(points.mu, points.images.y)
                to_the_other = page.get_by_role("button", name=f"Show the model {other}")
                to_the_other.wait_for()
                wait_until(lambda: "same digit" in page.locator(".share").inner_text())
                said = page.locator(".share").inner_text()
                assert share_in(said) == pytest.approx(share, abs=0.005), "stored as float16"
                assert ("Here the digits are mixed" in said) == (name == "plane")
                to_the_other.click()
    finally:
        for z_dim in models:
            (folder / f"untrained{z_dim}.safetensors").unlink()
