"""How fast the Draw page answers: from the pen, or from a moved z, to the painted pixels.

`measure` is called with a page of a real browser; see benchmarks/live.py.
"""

import statistics
from typing import Any

Times = tuple[float, float]

_RECORD = """() => {
    const times = (globalThis.drawTimes = { pen: [], z: [], zDrawn: [] })
    const put = CanvasRenderingContext2D.prototype.putImageData
    let drawn = 0
    CanvasRenderingContext2D.prototype.putImageData = function (...given) {
        put.apply(this, given)
        drawn = performance.now()
    }
    const record = (event) => {
        const [target] = event.composedPath()
        if (event.buttons === 0) return
        const list = target.matches?.("canvas.upper-canvas") ? times.pen : times.z
        // After the next frame has been painted.
        requestAnimationFrame(() => {
            const channel = new MessageChannel()
            channel.port1.onmessage = () => {
                list.push(performance.now() - event.timeStamp)
                if (list === times.z) times.zDrawn.push(drawn - event.timeStamp)
            }
            channel.port2.postMessage(0)
        })
    }
    document.addEventListener("pointermove", record, true)
}"""


def measure(page: Any, url: str, moves: int = 200) -> dict[str, Times]:
    """Median and 95th percentile, ms, from a movement to the end of the next frame ("painted"),
    for z also to the end of its drawing ("drawn"), as in benchmarks/live_generate.py.

    Args:
        page: of Playwright.
        url: the Draw page, with the model to measure as `?model=NAME`.
        moves: how often the pen, and then a dimension of z, is moved.
    """
    page.goto(url)
    page.get_by_role("button", name="Sample again").and_(page.locator("button:enabled")).wait_for()
    page.evaluate(_RECORD)
    box = page.locator("canvas.upper-canvas").bounding_box()
    _drag(page, box, moves)
    _drag(page, page.get_by_role("slider", name="z0").bounding_box(), moves)
    times = page.evaluate("drawTimes")
    return {
        "pen moved, painted": _summary(times["pen"]),
        "z moved, painted": _summary(times["z"]),
        "z moved, drawn": _summary(times["zDrawn"]),
    }


def _drag(page: Any, box: dict[str, float], moves: int) -> None:
    """Move the pressed mouse to and fro within a box, in the pace of a hand."""
    at = lambda share: (  # noqa: E731
        box["x"] + box["width"] * (0.2 + 0.6 * abs(1 - 2 * share)),
        box["y"] + box["height"] * (0.2 + 0.6 * share),
    )
    page.mouse.move(*at(0))
    page.mouse.down()
    for i in range(1, moves + 1):
        page.mouse.move(*at(i / moves))
        page.wait_for_timeout(16)
    page.mouse.up()


def _summary(times: list[float]) -> Times:
    cuts = statistics.quantiles(times, n=20)
    return statistics.median(times), cuts[-1]
