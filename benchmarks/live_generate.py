"""The picture on Generate: from the turn of a knob until it is painted, in a real browser.

`measure` and `server_cost` are called by benchmarks/live.py.
"""

import os
import statistics
from pathlib import Path

from playwright.sync_api import Browser, Page

ROUNDS = 100
PICTURE = "A grid of generated digits"

BREAK = "CanvasRenderingContext2D.prototype.putImageData = () => { throw new Error('broken') }"

# In a page: note when a slider's value changes or a key is pressed, and the end of the painting
# that follows. A MutationObserver made here would run after the component's own, too late.
WATCH = """() => {
    const times = (globalThis.times = { changed: 0, pressed: 0, painted: [], keyed: [] })
    const put = CanvasRenderingContext2D.prototype.putImageData
    CanvasRenderingContext2D.prototype.putImageData = function (...given) {
        put.apply(this, given)
        if (times.changed) times.painted.push(performance.now() - times.changed)
        if (times.pressed) times.keyed.push(performance.now() - times.pressed)
        times.changed = times.pressed = 0
    }
    // React writes the attribute `value` by this property.
    const property = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "defaultValue")
    const set = function (value) {
        const turned = this.type === "range" && this.defaultValue !== value
        if (turned) times.changed ||= performance.now()
        property.set.call(this, value)
    }
    Object.defineProperty(HTMLInputElement.prototype, "defaultValue", { ...property, set })
    const pressed = (event) => { times.pressed = event.timeStamp }
    document.addEventListener("keydown", pressed, { capture: true })
}"""


# The same for a picture that the server draws.
WATCH_IMAGE = """(name) => {
    const source = () => document.querySelector(`img[alt="${name}"]`)?.src
    const times = (globalThis.times = { pressed: 0, keyed: [], source: source() })
    const changed = () => {
        if (source() === times.source) return
        times.source = source()
        if (times.pressed) times.keyed.push(performance.now() - times.pressed)
        times.pressed = 0
    }
    const all = { subtree: true, childList: true, attributes: true }
    new MutationObserver(changed).observe(document.body, all)
    const pressed = (event) => { times.pressed = event.timeStamp }
    document.addEventListener("keydown", pressed, { capture: true })
}"""


def measure(page: Page, url: str) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile, ms, of a drag and of key presses on a page of the app.

    Args:
        page: a new page of a browser.
        url: of the server.
    """
    figures = {}
    for name in ("fast", "conv"):
        for digits, columns in ((10, 1), (80, 8)):
            page.goto(f"{url}/generate?model={name}&count={columns}")
            knob = page.locator(".st-key-z0 [role=group]")
            knob.wait_for()
            page.locator(f"canvas[aria-label='{PICTURE}']").wait_for()
            page.evaluate(WATCH)
            _until_it_is_live(page)
            drag(page, ".st-key-z0")
            what = f"{name}, {digits} digits"
            figures[f"{what}: slider change to painted"] = figure(page, "painted")
            page.evaluate("times.keyed = []")
            slider = page.locator(".st-key-z0 input")
            for i in range(ROUNDS):
                slider.press("ArrowRight" if i // 20 % 2 else "ArrowLeft")
                page.wait_for_function(f"times.keyed.length > {i}")
            figures[f"{what}: key press to painted"] = figure(page, "keyed")
    return figures


def drag(page: Page, slider: str) -> None:
    """Move the thumb of a slider to and fro."""
    thumb = page.locator(f"{slider} [data-testid=stSliderThumbValue]").locator("..").bounding_box()
    track = page.locator(f"{slider} [role=group]").bounding_box()
    assert thumb and track
    y = thumb["y"] + thumb["height"] / 2
    page.mouse.move(thumb["x"] + thumb["width"] / 2, y)
    page.mouse.down()
    for i in range(ROUNDS):
        page.mouse.move(track["x"] + track["width"] * (0.2 + 0.006 * i), y)
        page.wait_for_timeout(40)
    page.mouse.up()


def figure(page: Page, name: str) -> tuple[float, float]:
    """Median and 95th percentile of what WATCH has noted."""
    times = sorted(page.evaluate(f"times.{name}"))
    return statistics.median(times), times[int(0.95 * (len(times) - 1))]


def _until_it_is_live(page: Page) -> None:
    slider = page.locator(".st-key-z0 input")
    slider.press("ArrowRight")
    while not page.evaluate("times.painted.length"):
        page.wait_for_timeout(200)
        slider.press("ArrowRight")
    page.wait_for_timeout(1000)
    page.evaluate("times.painted = []; times.keyed = []")


def server_cost(browser: Browser, url: str, pid: int, broken: bool) -> dict[str, float]:
    """What a turn of a knob costs: the server's processor time, what it sends, and the time until
    the picture has changed.

    Args:
        browser: to make a page in.
        url: of the server.
        pid: its process.
        broken: whether the component is made to fail, so that the server draws the picture.
    """
    page = browser.new_page()
    if broken:
        page.add_init_script(BREAK)
    received: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))),
    )
    page.goto(f"{url}/generate?model=conv")
    kind = "img" if broken else "canvas"
    page.locator(f"{kind}[aria-label='{PICTURE}'], {kind}[alt='{PICTURE}']").first.wait_for()
    slider = page.locator(".st-key-z0 input")
    page.wait_for_timeout(3000)
    page.evaluate(WATCH_IMAGE if broken else WATCH, PICTURE)
    received.clear()
    before = _processor_ms(pid)
    for i in range(ROUNDS):
        value = slider.input_value()
        slider.press("ArrowRight" if i // 20 % 2 else "ArrowLeft")
        page.wait_for_function(
            "([slider, value]) => slider.value !== value", arg=[slider.element_handle(), value]
        )
        page.wait_for_timeout(100)
    spent = _processor_ms(pid) - before
    median, slow = figure(page, "keyed")
    page.close()
    return {
        "server, ms": spent / ROUNDS,
        "received, kB": sum(received) / ROUNDS / 1000,
        "key press to picture, ms, median": median,
        "key press to picture, ms, p95": slow,
    }


def _processor_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
