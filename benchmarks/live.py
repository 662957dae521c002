"""The model in the browser: how long it computes, and how quickly the pages follow.

    python -m benchmarks.live

Prints the tables of docs/benchmarks.md, in milliseconds as median / 95th percentile:
    the work of the model in the browser, beside NumPy's time for the same work
    from the pen, from z or from a slider until the picture is painted, on Draw and Generate
    how long the frames of the views on Explore take
    what the release of a knob costs the server, beside the same where the server draws

On a busy machine only the comparisons within one run say something. In headless Chromium without
a GPU, whose clock ticks every 0.1 ms: work quicker than 2 ms is repeated for as long, and counts
as one time.
"""

import argparse
import base64
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import live_draw, live_explore, live_generate
from benchmarks.servers import ROOT, server
from ui.live import source
from ui.live.model.pack import pack
from vae import load, load_mnist
from vae.model.latent import decode_grid
from vae.model.numpy_model import TrainedVAE, softmax

MODELS = ("classic", "fast", "conv")
"""plane and unlabelled take less than fast."""

ROUNDS, WARM_UP = 200, 30

LOAD = """async (text) => {
    const blob = new Blob([text], { type: "text/javascript" })
    globalThis.module = await import(URL.createObjectURL(blob))
}"""

TIMED = """([text, simd, image, rounds, warmUp]) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const began = performance.now()
    const model = new module.Model(bytes, { simd })
    const build = performance.now() - began
    const x = Float32Array.from(image)
    const z = new Float32Array(80 * model.zDim).map(() => 2 * Math.random() - 1)
    const labels = new Float32Array(800).map((_, i) => Number(i % 10 === Math.floor(i / 10) % 10))
    const decode = (n) => model.decode(z.subarray(0, n * model.zDim), labels.subarray(0, 10 * n))
    const timed = (work, count) => {
        const first = performance.now()
        for (let i = 0; i < warmUp; i++) work()
        const calls = Math.ceil(2 / Math.max((performance.now() - first) / warmUp, 0.02))
        return Array.from({ length: count }, () => {
            const start = performance.now()
            for (let i = 0; i < calls; i++) work()
            return (performance.now() - start) / calls
        })
    }
    return {
        "one digit": timed(() => decode(1), rounds),
        "ten digits": timed(() => decode(10), rounds),
        "80 digits": timed(() => decode(80), rounds / 4),
        "classify and encode": timed(() => model.encode(x, model.classify(x)), rounds),
        "build the model": [build],
    }
}"""


def browser_times(
    page: Page, model: TrainedVAE, simd: bool, x: np.ndarray
) -> dict[str, list[float]]:
    """Milliseconds of each piece of work in the browser."""
    text = base64.b64encode(pack(model, "benchmark")).decode()
    return page.evaluate(TIMED, [text, simd, x.tolist(), ROUNDS, WARM_UP])


def numpy_times(model: TrainedVAE, x: np.ndarray) -> dict[str, list[float]]:
    """The same with NumPy."""
    z = np.random.default_rng(0).standard_normal((8, model.params.z_dim), np.float32)

    def read() -> None:
        model.encode(x[None], softmax(model.classify(x[None])))

    return {
        "one digit": timed(lambda: decode_grid(model, [0], z[:1]), ROUNDS),
        "ten digits": timed(lambda: decode_grid(model, range(10), z[:1]), ROUNDS),
        "80 digits": timed(lambda: decode_grid(model, range(10), z), ROUNDS // 4),
        "classify and encode": timed(read, ROUNDS),
    }


def timed(work: Callable[[], object], count: int) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for _ in range(WARM_UP + count):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def cell(times: list[float] | None) -> str:
    """Median / 95th percentile."""
    if not times:
        return ""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.2f} / {ordered[int(0.95 * (len(ordered) - 1))]:.2f}"


def main() -> None:
    """Measure and print the tables."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    os.environ["VAE_HOME"] = tempfile.mkdtemp()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        print_work(browser)
        with server(ROOT / "app.py") as (url, pid):
            print_pages(browser, url)
            print_explore(browser, url)
            print_server(browser, url, pid)
        browser.close()


def print_work(browser: Browser) -> None:
    """The table of what the model computes."""
    x = load_mnist().test.x[0]
    page = browser.new_page()
    page.evaluate(LOAD, source("model/engine"))
    print("| ms, median / p95 | WebAssembly | plain JavaScript | NumPy | NumPy : WebAssembly |")
    print("|---|---|---|---|---|")
    for name in MODELS:
        model = load(name)
        fast, plain = (browser_times(page, model, simd, x) for simd in (True, False))
        numpy = numpy_times(model, x)
        for work, times in fast.items():
            ratio = ""
            if work in numpy:
                ratio = f"{statistics.median(numpy[work]) / statistics.median(times):.1f}"
            cells = [cell(times), cell(plain[work]), cell(numpy.get(work)), ratio]
            print(f"| {name}, {work} | {' | '.join(cells)} |")
    page.close()


def print_pages(browser: Browser, url: str) -> None:
    """The table of how quickly the pages follow."""
    print("\n| ms, median / p95 | |\n|---|---|")
    for name in MODELS:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for what, (median, slow) in live_draw.measure(page, f"{url}/?model={name}").items():
            print(f"| Draw, {name}: {what} | {median:.1f} / {slow:.1f} |")
        page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for what, (median, slow) in live_generate.measure(page, url).items():
        print(f"| Generate, {what} | {median:.1f} / {slow:.1f} |")
    page.close()


def print_explore(browser: Browser, url: str) -> None:
    """The table of how smoothly the views of Explore move."""
    print("\n| Explore, ms, median / p95 | |\n|---|---|")
    for measure in live_explore.VIEWS:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for what, (median, slow) in measure(page, url).items():
            print(f"| {what} | {median:.1f} / {slow:.1f} |")
        page.close()


def print_server(browser: Browser, url: str, pid: int) -> None:
    """The table of what a release costs."""
    print("\n| a turn of a knob, conv, 80 digits | browser draws | server draws |\n|---|---|---|")
    live, still = (live_generate.server_cost(browser, url, pid, broken) for broken in (False, True))
    for what, figure in live.items():
        print(f"| {what} | {figure:.1f} | {still[what]:.1f} |")


if __name__ == "__main__":
    main()
