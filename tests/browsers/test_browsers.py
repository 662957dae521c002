"""The app in Firefox and WebKit: `make test-browsers`."""

import re
from itertools import pairwise

import pytest
from conftest import wait_until
from drivers import BROWSERS, Missing

PAGES = {
    "/": "Draw a digit",
    "/generate": "Latent knobs",
    "/explore": "Traversals",
    "/how-it-works": "All steps",
    "/train": "Start training",
    "/runs": "Table as CSV",
}
STEPS = 8  # Of the pointer between two places.
SEVEN = [(70, 60), (200, 60), (130, 230)]

# The first element that fits a selector and has a text, also inside of components.
FIND = """(selector, text, act) => {
    const all = root => [...root.querySelectorAll("*")].flatMap(
        e => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])])
    const found = all(document).find(
        e => e.matches(selector) && e.checkVisibility() && e.textContent.includes(text))
    return found && (ACT)(found)
}"""
BOX = """e => {
    e.scrollIntoView({ block: "center" })
    const { left, top, width, height } = e.getBoundingClientRect()
    return { left, top, width, height }
}"""
PIXELS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    return data.reduce((sum, value, i) => (31 * sum + value) % 1000003, 7)
}"""


class Page:
    """A page in a browser; elements are found by a selector and a text."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.go(url)

    def find(self, selector, text="", act="() => true"):
        """What `act` returns for the element, or None as long as there is none."""
        return self.browser.run(FIND.replace("ACT", act), selector, text)

    def wait(self, selector, text="", act="() => true"):
        return wait_until(lambda: self.find(selector, text, act))

    def click(self, selector, text=""):
        self.wait(selector, text)
        self.find(selector, text, "e => { e.click(); return true }")

    def drag(self, selector, places, release=True, text=""):
        """Press at the first of some places, shares of the element, and move over the others."""
        box = self.wait(selector, text, BOX)
        first, *others = [
            self._move(box, x + i / STEPS * (x2 - x), y + i / STEPS * (y2 - y))
            for (x, y), (x2, y2) in pairwise(places)
            for i in range(STEPS + 1)
        ]
        press = [{"type": "pointerDown", "button": 0}]
        lift = [{"type": "pointerUp", "button": 0}]
        self._pointer([first, *press, *others, *(lift if release else [])])

    def hover(self, selector, place):
        self._pointer([self._move(self.wait(selector, act=BOX), *place)])

    def _move(self, box, x, y):
        left, top = box["left"] + x * box["width"], box["top"] + y * box["height"]
        return {"type": "pointerMove", "x": round(left), "y": round(top), "duration": 10}

    def _pointer(self, actions):
        kind = {"pointerType": "mouse"}
        source = {"type": "pointer", "id": "mouse", "parameters": kind, "actions": actions}
        self.browser.act(source)

    def keys(self, *keys):
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.browser.act({"type": "key", "id": "keyboard", "actions": presses})


@pytest.fixture(scope="module", params=BROWSERS)
def browser(request, tmp_path_factory):
    try:
        with BROWSERS[request.param](tmp_path_factory.mktemp(request.param)) as started:
            yield started
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(browser, server, path):
    page = Page(browser, server.url + path)
    page.wait("button, p, h2", PAGES[path])
    assert page.wait("h1", act="e => e.textContent")
    assert not browser.errors
    assert page.find("[data-testid=stException]") is None


def test_a_digit_is_drawn_and_read(browser, server):
    page = Page(browser, f"{server.url}/?model=conv")
    page.wait("button:enabled", "Sample again")
    page.drag("canvas.upper-canvas", [(x / 280, y / 280) for x, y in SEVEN])
    page.wait("h2", "It is a 7")
    assert page.find("tr.likeliest", act="e => e.textContent").startswith("7")
    assert not browser.errors


def test_a_digit_is_drawn_with_the_keys(browser, server):
    page = Page(browser, f"{server.url}/?model=conv")
    page.wait("button:enabled", "Sample again")
    page.find(".paper", act="e => { e.focus(); return true }")
    up, down = "\ue013", "\ue015"
    page.keys(*[up] * 12, " ", *[down] * 24, " ")
    page.wait("h2", "It is a 1")
    assert not browser.errors


def test_a_knob_is_dragged_and_the_picture_changes(browser, server):
    page = Page(browser, f"{server.url}/generate?model=conv")
    picture = ".grid[data-drawn] canvas[role=img]"
    before = page.wait(picture, act=PIXELS)
    knob = ".st-key-z0 [role=group] > div"
    page.drag(knob, [(0.5, 0.5), (0.6, 0.5), (0.9, 0.5)], release=False)
    wait_until(lambda: page.find(picture, act=PIXELS) != before)
    page.drag(knob, [(0.9, 0.5), (0.9, 0.5)])
    wait_until(lambda: re.search(r"z0=\d", browser.run("() => location.search")))
    assert not browser.errors


def test_the_map_answers_to_the_pointer(browser, server):
    page = Page(browser, f"{server.url}/explore?model=plane")
    page.wait("[data-ready=model]")
    where = lambda: page.find(".where", act="e => e.textContent")  # noqa: E731
    before = where()
    page.hover(".plot", (0.3, 0.4))
    wait_until(lambda: where() != before)
    assert page.find("canvas.decoded", act=PIXELS) != 7
    assert not browser.errors


def test_a_step_of_how_it_works_computes(browser, server):
    page = Page(browser, f"{server.url}/how-it-works?step=sample&model=conv")
    page.wait(".how[data-ready]")
    sums = lambda: page.find(".sum", act="e => e.textContent")  # noqa: E731
    before = wait_until(sums)
    page.click("button.again", "New ε")
    wait_until(lambda: sums() != before)
    assert not browser.errors
