"""How fast the pages are there and answer, what they receive, and the server's memory.

    python -m benchmarks.app [--rounds 5]

It needs Chromium and Linux, and prints three tables:
    start     a new server's first visitor: seconds from the address to the app's first words
              (first paint) and to the canvas (ready to draw), and their ratio to those of a
              one-line Streamlit app in the same round; memory of a server on which three pages
              were opened; `import vae` in a new Python
    visits    each page with `conv`, on a server on which all were opened before, in a new browser
              and once more in the same one: seconds until the page has what it is for, which on
              Draw, Generate, Explore and How it works is the model's answer; kB received, over
              HTTP as compressed, over the WebSocket as payload
    answers   milliseconds from a move of the pen on Draw, and from a press of a key on a slider of
              Generate, to the painted answer; seconds from Start to a run's first figures, on a
              new server
"""

import argparse
import base64
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.servers import ROOT, a_home, resident, server

CHROMIUM = ("chromium-headless-shell", "chromium")
"""The first that is installed is used."""

READY = {
    "": "button:enabled:text('Sample again')",
    "generate": "canvas[aria-label='A grid of generated digits'][data-painted]",
    "explore": ".map-view[data-ready=model]",
    "how-it-works": ".how[data-ready]",
    "train": "text=Start training",
    "runs": "text=/Every training is kept|Table as CSV/",
}
"""By the page's path, what is there once it has what it is for."""

MOVES = 100

# Marks each canvas once it is painted, and notes the time from an input to the next painting.
PAINTINGS = """
    globalThis.answers = []
    let input = 0
    const put = CanvasRenderingContext2D.prototype.putImageData
    CanvasRenderingContext2D.prototype.putImageData = function (...image) {
      put.apply(this, image)
      this.canvas.dataset.painted = ""
      if (input) answers.push(performance.now() - input)
      input = 0
    }
    const note = (event) => { if (event.key || event.buttons) input ||= event.timeStamp }
    addEventListener("pointermove", note, true)
    addEventListener("keydown", note, true)
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser.

    Raises:
        RuntimeError: none of `CHROMIUM` is installed.
    """
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not path:
        raise RuntimeError(f"Install one of {', '.join(CHROMIUM)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def import_seconds() -> float:
    """`import vae` in a new Python, seconds."""
    code = "import time; t = time.perf_counter(); import vae; print(time.perf_counter() - t)"
    return float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT))


def paint_seconds(browser: Browser, script: Path, *selectors: str) -> list[float]:
    """Seconds from the request for a new server's page until each selector is visible."""
    with server(script) as (url, _):
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(url)
        seconds = []
        for selector in selectors:
            page.locator(selector).first.wait_for()
            seconds.append(time.perf_counter() - began)
        page.close()
    return seconds


def memory(browser: Browser) -> float:
    """MiB of a server after a drawing, and a visit to Generate and Train."""
    with server(ROOT / "app.py") as (url, pid):
        page = browser.new_page()
        page.goto(url)
        draw_one(page, 10)
        page.get_by_role("heading", name="It is a 1").wait_for()
        for name, sign in (("Generate", "Latent knobs"), ("Train", "Start training")):
            page.get_by_role("link", name=name).first.click()
            page.get_by_text(sign).first.wait_for()
        mebibytes = resident(pid)
        page.close()
    return mebibytes


def draw_one(page: Page, moves: int, pause: int = 0) -> None:
    """Draw a 1 on the canvas, with a pause of some milliseconds after each movement."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    for i in range(moves + 1):
        y = box["y"] + box["height"] * (0.15 + 0.7 * i / moves)
        page.mouse.move(box["x"] + box["width"] / 2, y)
        page.wait_for_timeout(pause)
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def received(page: Page) -> Counter[str]:
    """Bytes that a page receives from now on, by the request; the counter is kept up to date."""
    found: Counter[str] = Counter()

    def part(event: dict[str, Any]) -> None:
        found[event["requestId"]] += event["encodedDataLength"]

    def whole(event: dict[str, Any]) -> None:
        found[event["requestId"]] = event["encodedDataLength"]

    def frame(event: dict[str, Any]) -> None:
        text = event["response"]["payloadData"]
        binary = event["response"]["opcode"] == 2
        found["WebSocket"] += len(base64.b64decode(text) if binary else text.encode())

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.dataReceived", part)
    session.on("Network.loadingFinished", whole)  # With the headers.
    session.on("Network.webSocketFrameReceived", frame)
    return found


def visit(context: BrowserContext, url: str, path: str) -> tuple[float, float]:
    """Seconds until a page is ready, and kB that it receives until nothing more comes."""
    page = context.new_page()
    counted = received(page)
    began = time.perf_counter()
    page.goto(f"{url}/{path}?model=conv")
    page.locator(READY[path]).first.wait_for()
    seconds = time.perf_counter() - began
    before = -1
    while before != counted.total():
        before = counted.total()
        page.wait_for_timeout(1000)
    page.close()
    return seconds, before / 1000


def print_start(browser: Browser, home: Path, rounds: int) -> None:
    """The table of a new server's first visitor."""
    bare = home / "bare.py"
    bare.write_text('import streamlit as st\nst.write("Hello")\n')
    paint_seconds(browser, bare, "text=Hello")  # The browser's own start.
    times = []
    for _ in range(rounds):
        app = paint_seconds(browser, ROOT / "app.py", "text=Draw a digit", "canvas.upper-canvas")
        times.append((*app, *paint_seconds(browser, bare, "text=Hello")))
    paints, canvases, hellos = zip(*times, strict=True)
    print(f"| {rounds} rounds | app | bare | ratio |\n|---|---|---|---|")
    for name, column in (("first paint", paints), ("ready to draw", canvases)):
        ratio = statistics.median(a / b for a, b in zip(column, hellos, strict=True))
        ours, theirs = statistics.median(column), statistics.median(hellos)
        print(f"| {name} | {ours:.2f} s | {theirs:.2f} s | {ratio:.2f} |")
    print(f"| server memory | {memory(browser):.0f} MiB | | |")
    print(f"| import vae | {statistics.median(import_seconds() for _ in range(5)):.3f} s | | |")


def print_visits(browser: Browser, rounds: int) -> None:
    """The table of the pages' first and second visits; the first round is not counted."""
    print("\n| page | first visit, s | kB | second visit, s | kB |\n|---|---|---|---|---|")
    with server(ROOT / "app.py") as (url, _):
        for path in READY:
            figures = []
            for _ in range(rounds + 1):
                context = browser.new_context()
                context.add_init_script(PAINTINGS)
                figures.append([*visit(context, url, path), *visit(context, url, path)])
                context.close()
            first, kb, second, kb2 = map(statistics.median, zip(*figures[1:], strict=True))
            print(f"| {path or 'draw'} | {first:.2f} | {kb:.0f} | {second:.2f} | {kb2:.0f} |")


def print_answers(browser: Browser) -> None:
    """The table of what follows a move of the pen, a key, and Start."""
    print("\n| | median | 95th percentile |\n|---|---|---|")
    with server(ROOT / "app.py") as (url, _):
        page = browser.new_page()
        page.add_init_script(PAINTINGS)
        page.goto(f"{url}/?model=conv")
        page.locator(READY[""]).wait_for()
        page.evaluate("answers.length = 0")
        draw_one(page, MOVES, pause=20)
        print_times("Draw: pen moved, painted", page.evaluate("answers"))
        page.goto(f"{url}/generate?model=conv")
        page.locator(READY["generate"]).wait_for()
        slider = page.locator(".st-key-z0 input")
        page.evaluate("answers.length = 0")
        for i in range(MOVES):
            slider.press("ArrowRight" if i // 20 % 2 else "ArrowLeft")
            page.wait_for_function(f"answers.length > {i}")
        print_times("Generate: key pressed, painted", page.evaluate("answers"))
        page.close()
    with server(ROOT / "app.py") as (url, _):
        page = browser.new_page()
        page.goto(f"{url}/train")
        start = page.get_by_role("button", name="Start training")
        start.wait_for()
        page.wait_for_timeout(1000)
        began = time.perf_counter()
        start.click()
        page.get_by_text("images/s").wait_for()
        print(f"| Train: Start pressed, first figures | {time.perf_counter() - began:.1f} s | |")
        page.close()


def print_times(name: str, times: list[float]) -> None:
    """A row: the median and the 95th percentile of milliseconds."""
    slow = statistics.quantiles(times, n=20)[-1]
    print(f"| {name} | {statistics.median(times):.1f} ms | {slow:.1f} ms |", flush=True)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with a_home() as home, chromium() as browser:
        print_start(browser, home, rounds)
        print_visits(browser, rounds)
        print_answers(browser)


if __name__ == "__main__":
    main()
