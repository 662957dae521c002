"""What the browser tests share: a visit to a page, and what is done and seen there."""

import base64
import io
import re
import time
from contextlib import contextmanager

import numpy as np
from conftest import TIMEOUT, wait_until
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui.components import addresses

ONE = [[(140, 40), (140, 240)]]
SEVEN = [[(70, 60), (200, 60), (130, 230)]]
PAGES = {
    "/": "Draw a digit",
    "/generate": "Latent knobs",
    "/explore": "Traversals",
    "/how-it-works": "All steps",
    "/train": "Start training",
    "/runs": re.compile("Every training is kept|Table as CSV"),
}
"""Each page's path, and a text that is there once it is drawn."""

NAMES = dict(
    zip(PAGES, ("Draw", "Generate", "Explore", "How it works", "Train", "Runs"), strict=True)
)
"""What the header calls each page."""

_MODULES = "http://modules.test"

DESKTOP, PHONE = (1280, 800), (375, 740)


_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
_STATES = ("connection", "script")


class ScriptRuns:
    """Whether the server still has to run the script for a page, from the page's messages.

    The page's own state says so only some time after a click, when the server has begun.

    Attributes:
        requests: how many the page has made.
    """

    DROPPED_AFTER = 5
    """Seconds: Streamlit drops the request of a fragment that is no longer on the page."""

    def __init__(self):
        self.requests = 0
        self._request, self._since, self._begun = None, 0.0, False

    def follow(self, socket):
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def expected(self):
        """Whether a run has been requested that has not ended."""
        if not self._request:
            return False
        waited = time.monotonic() - self._since
        return self._begun or not self._request.fragment_id or waited < self.DROPPED_AFTER

    def _sent(self, frame):
        if isinstance(frame, bytes):
            message = BackMsg.FromString(frame)
            if message.HasField("rerun_script"):
                self._request, self._begun = message.rerun_script, False
                self._since = time.monotonic()
                self.requests += 1

    def _received(self, frame):
        if not isinstance(frame, bytes):
            return
        message = ForwardMsg.FromString(frame)
        ended = message.HasField("script_finished")
        if message.HasField("new_session"):
            self._begun = True
        elif ended and self._begun and message.script_finished != _EARLY:
            self._request = None


@contextmanager
def visit(browser, url, size=DESKTOP, touch=False):
    context = browser.new_context(
        viewport=dict(zip(("width", "height"), size, strict=True)),
        has_touch=touch,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    page.errors, page.hosts, page.runs = [], set(), ScriptRuns()
    page.on("websocket", page.runs.follow)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
    page.goto(url)
    try:
        yield page
    except Exception:
        print(_state(page))  # With the report of the failed test.
        raise
    assert not page.errors
    context.close()


def _state(page):
    """What a page shows, and whether it is connected and at rest."""
    app = page.get_by_test_id("stApp")
    states = [app.get_attribute(f"data-test-{of}-state", timeout=1000) for of in _STATES]
    text = page.locator("body").inner_text()
    return f"{page.url} {dict(zip(_STATES, states, strict=True))} {page.errors}\n{text[:2000]}"


def load_module(page, name):
    """Let the global `module` of an empty page have what NAME.js exports; no server is needed."""
    page.route(f"{_MODULES}/**", _answer)
    if not page.url.startswith(_MODULES):
        page.goto(f"{_MODULES}/")
    page.evaluate(
        "async (name) => { globalThis.module = await import(`/live/digest/${name}.js`) }", name
    )


def _answer(route):
    name = route.request.url.removeprefix(f"{_MODULES}/live/digest/")
    if name.endswith(".js"):
        route.fulfill(body=addresses.modules()[name], content_type="text/javascript")
    else:
        route.fulfill(body="<body></body>", content_type="text/html")


def draw(page, strokes, lift=True):
    """Draw lines, in the canvas' own 280 × 280 pixels; the last ends with the pen down or up."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    at = lambda x, y: (  # noqa: E731
        box["x"] + x * box["width"] / 280,
        box["y"] + y * box["height"] / 280,
    )
    for line in strokes:
        page.mouse.move(*at(*line[0]))
        page.mouse.down()
        for point in line[1:]:
            page.mouse.move(*at(*point), steps=10)
        if lift or line is not strokes[-1]:
            page.mouse.up()


def heading(page, text):
    return page.get_by_role("heading", name=text)


def own_button(page, name):
    return page.get_by_role("button", name=name)


def choose_model(page, name):
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=name).click()


def go_to(page, name):
    page.get_by_role("link", name=name, exact=True).first.click()


def show_step(page, name, part):
    """Choose a step of How it works, and wait until a part of it is drawn."""
    page.get_by_role("radio", name=name).click()
    page.locator(part).first.wait_for()


def at_rest(page):
    """Wait until no script runs, nor will run for what was done before."""
    state = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")

    def rested():
        # A widget sends its value once it has been drawn anew.
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        return not page.runs.expected() and state.count()

    wait_until(rested)


def copied(page):
    """What the button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at_rest(page)
    own_button(page, "Copy link").click()
    own_button(page, "Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def linked(page, name):
    """What components on the page would add to a copied link under this name, or None."""
    return page.evaluate(
        """async ([link, name]) => {
            const { fullAddress } = await import(link)
            return new URL(fullAddress(location.origin)).searchParams.get(name)
        }""",
        [f"{addresses.live()}/components/link.js", name],
    )


def picture(page):
    """The grid once no script runs any more: what the last of several changes made of it."""
    at_rest(page)
    return pixels(page.locator("canvas[aria-label='A grid of generated digits']"))


def seen(page):
    """What the model sees, as a picture."""
    return pixels(page.get_by_label("The drawing as the model sees it"))


def pixels(canvas):
    return canvas.evaluate("canvas => canvas.toDataURL()")


def decoded(url):
    """The gray values of a picture in a data URL."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))


def ink(page):
    return page.locator("canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => {
            const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            return image.data.filter((value, i) => i % 4 == 0 && value > 128).length
        }"""
    )


def resize(page, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))


def show_scheme(page, scheme):
    """Have a page follow a light or a dark system."""
    page.emulate_media(color_scheme=scheme)
    wait_until(lambda: (background(page) > 200) == (scheme == "light"))
    moves = "document.getAnimations().some(animation => animation instanceof CSSTransition)"
    wait_until(lambda: not page.evaluate(moves))


def inside(page, element):
    """Whether all of an element is in the window."""
    box, size = element.bounding_box(), page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def wide(page):
    """Whether anything scrolls sideways."""
    return page.evaluate(
        "[document, ...document.querySelectorAll('[data-testid=stMain]')]"
        ".map(e => e.documentElement ?? e).some(e => e.scrollWidth > e.clientWidth)"
    )


def narrow_enough(page):
    """Wait until nothing scrolls sideways, which may take a frame or two after a change."""
    wait_until(lambda: not wide(page))


def background(page):
    """How red the page is: 0 to 255."""
    color = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    return int(re.search(r"\d+", color)[0])
