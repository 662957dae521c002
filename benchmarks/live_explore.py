"""The views of the Explore page: how long their frames take, in a real browser.

Each view has a function here, which benchmarks/live.py calls with a new page and the server's
address; it returns median and 95th percentile, ms, of what it measures:
    work: the time that the page's code takes in a frame
    frame: from one frame to the next, while something moves; 16.7 is the least
"""

from collections.abc import Callable

from playwright.sync_api import FloatRect, Page

from benchmarks.live_generate import figure

Figures = dict[str, tuple[float, float]]

MOVES = 150

# In a page: note the duration of each frame's callbacks, and how far frames are apart.
WATCH = """() => {
    if (globalThis.times) return
    const times = (globalThis.times = { work: [], frame: [] })
    const request = globalThis.requestAnimationFrame.bind(globalThis)
    globalThis.requestAnimationFrame = (act) => request((now) => {
        const start = performance.now()
        act(now)
        times.work.push(performance.now() - start)
    })
    let last = 0
    const tick = (now) => {
        if (last) times.frame.push(now - last)
        last = now
        request(tick)
    }
    request(tick)
}"""


def measure_map(page: Page, url: str) -> Figures:
    """The map of `plane`, with two dimensions, and of `conv`, with ten and a larger decoder."""
    figures: Figures = {}
    for name in ("plane", "conv"):
        page.goto(f"{url}/explore?model={name}")
        page.locator(".map-view[data-ready=model]").wait_for()
        figures |= _on_the_map(page, f"map, {name}, 10,000 points")
    page.goto(f"{url}/explore?model=plane")
    page.get_by_role("button", name="All 70,000 images").and_(
        page.locator("button:enabled")
    ).click()
    page.get_by_role("button", name="Only the test images").wait_for(timeout=600_000)
    return figures | _on_the_map(page, "map, plane, 70,000 points")


def _on_the_map(page: Page, what: str) -> Figures:
    """Hover, then zoom, then move what is shown; every image has been fetched before."""
    page.evaluate(WATCH)
    box = page.locator(".plot").bounding_box()
    assert box
    places = [
        (
            box["x"] + box["width"] * (0.3 + 0.4 * (i * 0.618 % 1)),
            box["y"] + box["height"] * (0.25 + 0.5 * (i / MOVES)),
        )
        for i in range(MOVES)
    ]

    def hover() -> None:
        for place in places:
            page.mouse.move(*place)
            page.wait_for_timeout(16)

    def zoom() -> None:
        for i in range(MOVES):
            page.mouse.wheel(0, -60 if i < MOVES / 2 else 60)
            page.wait_for_timeout(16)

    def drag() -> None:
        page.mouse.wheel(0, -600)
        page.mouse.down()
        for i in range(MOVES):
            page.mouse.move(places[-1][0] - i, places[-1][1] - i / 2)
            page.wait_for_timeout(16)
        page.mouse.up()

    hover()
    page.wait_for_function("globalThis[Symbol.for('vae-lab-map')].requests.size === 0")
    figures: Figures = {}
    for act in (hover, zoom, drag):
        page.evaluate("() => { times.work = []; times.frame = [] }")
        act()
        for kind in ("work", "frame"):
            figures[f"{what}, {act.__name__}: {kind}"] = figure(page, kind)
    return figures


def measure_sheet(page: Page, url: str) -> Figures:
    """The sheet of 400 digits, while a slider of another dimension is dragged."""
    figures: Figures = {}
    for name in ("fast", "conv"):
        page.goto(f"{url}/explore?view=Sheet&model={name}")
        page.locator(".view[data-ready]").wait_for()
        page.evaluate(WATCH)
        knob = page.locator(".knobs input").first.bounding_box()
        assert knob
        figures |= _while_dragging(page, knob, f"sheet, {name}, a slider dragged")
    return figures


def measure_morph(page: Page, url: str) -> Figures:
    """The digit on the way, while it plays."""
    figures: Figures = {}
    for name in ("fast", "conv"):
        page.goto(f"{url}/explore?view=Morph&model={name}&at=0.01")
        page.locator(".view[data-ready]").wait_for()
        page.evaluate(WATCH)
        page.get_by_role("button", name="Play").click()
        page.evaluate("() => { times.work = []; times.frame = [] }")
        page.wait_for_timeout(16 * MOVES)
        for kind in ("work", "frame"):
            figures[f"morph, {name}, playing: {kind}"] = figure(page, kind)
    return figures


def measure_traversals(page: Page, url: str) -> Figures:
    """The rows of 90 digits, while one is dragged and the other nine follow."""
    figures: Figures = {}
    for name in ("fast", "conv"):
        page.goto(f"{url}/explore?view=Traversals&model={name}")
        page.locator(".view[data-ready]").wait_for()
        page.evaluate(WATCH)
        row = page.locator(".row .track").first.bounding_box()
        assert row
        figures |= _while_dragging(page, row, f"traversals, {name}, a row dragged")
    return figures


def _while_dragging(page: Page, box: FloatRect, what: str) -> Figures:
    """Move the mouse, pressed, to and fro in a box of the page."""
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("() => { times.work = []; times.frame = [] }")
    for i in range(MOVES):
        page.mouse.move(box["x"] + box["width"] * abs(2 * (i / MOVES * 2 % 1) - 1), y)
        page.wait_for_timeout(16)
    page.mouse.up()
    return {f"{what}: {kind}": figure(page, kind) for kind in ("work", "frame")}


VIEWS: list[Callable[[Page, str], Figures]] = [
    measure_map,
    measure_traversals,
    measure_sheet,
    measure_morph,
]
