"""How quick and how small the app is, as ratios within one run.

    python -m benchmarks.app [--rounds 5]

It needs Chromium and Linux, and measures
    import vae      in a new Python
    memory          resident, of a server whose three pages have been visited and drawn on
    first paint     of a server's first visitor: from the address to the first words of the
                    app, against a one-line Streamlit app to its line
    ready to draw   the same, to the canvas
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.servers import ROOT, server


def import_seconds() -> float:
    """`import vae` in a new Python, seconds."""
    code = "import time; t = time.perf_counter(); import vae; print(time.perf_counter() - t)"
    return float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT))


def paint_seconds(browser: Browser, script: Path, *selectors: str) -> list[float]:
    """Seconds from asking a cold server for its page until each selector is to be seen."""
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
    """MiB of a server after a visit to each page."""
    with server(ROOT / "app.py") as (url, pid):
        page = browser.new_page()
        page.goto(url)
        box = page.locator("canvas.upper-canvas").bounding_box()
        page.mouse.move(box["x"] + 140, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 140, box["y"] + 240, steps=10)
        page.mouse.up()
        page.get_by_role("heading", name="It is a 1").wait_for()
        for name, sign in (("Generate", "Latent knobs"), ("Train", "Start training")):
            page.get_by_role("link", name=name).first.click()
            page.get_by_text(sign).first.wait_for()
        status = Path(f"/proc/{pid}/status").read_text()
        page.close()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = range(parser.parse_args().rounds)
    os.environ["VAE_HOME"] = tempfile.mkdtemp()
    empty = Path(os.environ["VAE_HOME"]) / "empty.py"
    empty.write_text('import streamlit as st\nst.write("Hello")\n')

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        paint_seconds(browser, empty, "text=Hello")
        paints, canvases = [], []
        for _ in rounds:
            first, ready = paint_seconds(
                browser, ROOT / "app.py", "text=Draw a digit", "canvas.upper-canvas"
            )
            (bare,) = paint_seconds(browser, empty, "text=Hello")
            paints.append((first, bare))
            canvases.append((ready, bare))
        mebibytes = memory(browser)
        browser.close()

    imports = statistics.median(import_seconds() for _ in rounds)
    print(f"| {len(rounds)} rounds | app | bare | ratio |\n|---|---|---|---|")
    for name, unit, pairs in (
        ("first paint", "s", paints),
        ("ready to draw", "s", canvases),
    ):
        ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"| {name} | {ours:.3g} {unit} | {bare:.3g} {unit} | {ratio:.2f} |")
    print(f"| server memory | {mebibytes:.0f} MiB | | |")
    print(f"| import vae | {imports:.3f} s | | |")


if __name__ == "__main__":
    main()
