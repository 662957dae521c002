"""How quick the app stays while runs are trained, and how quick a run begins.

    python -m benchmarks.runs [--rounds 20] [--only start]

It needs Chromium and Linux, and measures
    first visit     from the click on Train to the page, of a new server's first visitor, who has
                    seen Draw
    first point     from the click on Start to a run's first figures, on a server that has just been
                    started; and of a second run of the same architecture, which finds the loop
                    compiled, on such a server and on one whose workers are warm
    stroke          from the pen's lift to what the model says, with nothing else going on and
                    while two runs train
    live parameter  from a request until a worker applies it, the slower of the two runs
    live page       of one core, what the server spends on a page that shows a live run
    1,000 runs      from the click on Train, or on Runs, to the page, with as many old runs and
                    with one
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections import deque
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.servers import ROOT, a_home, cpu_seconds, server, stop_all
from vae.params import Params
from vae.presets import PRESETS
from vae.runs import store
from vae.runs.run import Run
from vae.runs.worker import run_training

OLD_RUNS = 1000
LIVE_SECONDS = 20


def start_and_wait(page: Page, name: str) -> float:
    """Seconds from the click on Start to the first figures."""
    page.get_by_role("textbox", name="Name of the model").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    began = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    page.get_by_text("images/s").wait_for()
    return time.perf_counter() - began


def first_points(browser: Browser) -> tuple[float, float, float]:
    """Seconds to first figures: on a cold server, and of a run like it on a warm and a cold one."""

    def first_point(url: str, name: str) -> float:
        page = browser.new_page()
        page.goto(f"{url}/train")
        page.get_by_role("button", name="Start training").wait_for()
        seconds = start_and_wait(page, name)
        stop_all()
        page.close()
        return seconds

    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder, "compiled")
        with a_home() as home, server(ROOT / "app.py") as (url, _):
            cold, warm = first_point(url, "cold"), first_point(url, "warm")
            shutil.copytree(home / "compiled", compiled)
        with a_home() as home, server(ROOT / "app.py") as (url, _):
            shutil.copytree(compiled, home / "compiled")
            return cold, warm, first_point(url, "next")


def first_visit(browser: Browser) -> float:
    """Seconds from the click on Train to the page, on a new server without own runs."""
    with a_home(), server(ROOT / "app.py") as (url, _):
        page = browser.new_page()
        page.goto(url)
        page.locator("canvas.upper-canvas").wait_for()
        page.wait_for_timeout(1000)
        began = time.perf_counter()
        page.get_by_role("link", name="Train").first.click()
        page.get_by_text("Details", exact=True).first.wait_for()
        seconds = time.perf_counter() - began
        page.close()
    return seconds


def stroke_milliseconds(page: Page, rounds: int) -> float:
    """The median time from lifting the pen to the sentence of what was drawn."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    times = []
    for _ in range(rounds):
        page.mouse.move(box["x"] + 140, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 140, box["y"] + 240, steps=10)
        began = time.perf_counter()
        page.mouse.up()
        said = page.get_by_role("heading", name="It is a 1")
        said.wait_for()
        times.append(time.perf_counter() - began)
        page.get_by_test_id("stMain").locator("button[kind=secondary]:has-text('Clear')").click()
        said.wait_for(state="detached")
        page.wait_for_timeout(300)
    return 1000 * statistics.median(times)


def strokes(browser: Browser, rounds: int) -> tuple[float, float, float, float]:
    """Milliseconds of a stroke on an idle server, and beside two trainings; seconds until these
    apply a live parameter; and the share of a core that a page with a live run takes.
    """
    with a_home(), server(ROOT / "app.py") as (url, pid):
        page = browser.new_page()
        page.goto(url)
        page.locator("canvas.upper-canvas").wait_for()
        page.wait_for_timeout(2000)
        idle = stroke_milliseconds(page, rounds)
        watching = browser.new_page()
        watching.goto(f"{url}/train")
        watching.get_by_role("button", name="Start training").wait_for()
        long = {"epochs": 100}
        both = [
            store.start(PRESETS[name].model_copy(update=long), f"{name}-busy")
            for name in ("fast", "conv")
        ]
        while not all(run.status().history.points for run in both):
            time.sleep(0.1)
        watching.close()
        page.wait_for_timeout(2000)
        busy = stroke_milliseconds(page, rounds)
        applied = max(map(applied_seconds, both))
        page.goto(f"{url}/train?run={both[0].id}")
        page.get_by_text("images/s").wait_for()
        page.wait_for_timeout(3000)
        before = cpu_seconds(pid)
        time.sleep(LIVE_SECONDS)
        share = (cpu_seconds(pid) - before) / LIVE_SECONDS
        stop_all()
        page.close()
    return idle, busy, applied, share


def applied_seconds(run: Run) -> float:
    """Seconds until a request to change a live parameter is applied; the longest of five."""
    seconds = []
    for i in range(1, 6):
        began = time.perf_counter()
        run.request(live_params={"kl_weight": 1 + i / 100})
        while len(run.status().history.changes) < i:
            time.sleep(0.005)
        seconds.append(time.perf_counter() - began)
    return max(seconds)


def openings(browser: Browser, count: int) -> dict[str, tuple[float, float]]:
    """Seconds to the Train and to the Runs page with so many finished runs: of a new server's
    first visitor, and later.
    """
    with a_home() as home:
        first = store.create(Params(batch_size=1000, epochs=20), "first")
        deque(run_training(first), maxlen=0)
        for i in range(count - 1):
            folder = home / "runs" / f"old-20200101-{i:06d}"
            folder.mkdir()
            for name in ("params.json", "about.json", "events.jsonl", "summary.json"):
                shutil.copy(first.folder / name, folder / name)
        with server(ROOT / "app.py") as (url, _):
            page = browser.new_page()
            page.goto(url)
            seconds: dict[str, list[float]] = {"Train": [], "Runs": []}
            for _ in range(2):
                for name, sign in (("Train", "Details"), ("Runs", "Table as CSV")):
                    page.locator("canvas.upper-canvas").wait_for()
                    page.wait_for_timeout(1000)
                    began = time.perf_counter()
                    page.get_by_role("link", name=name).first.click()
                    page.get_by_text(sign, exact=True).first.wait_for()
                    seconds[name].append(time.perf_counter() - began)
                    page.get_by_role("link", name="Draw").first.click()
            page.close()
    return {name: (first, later) for name, (first, later) in seconds.items()}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=["start"], help="only the first two")
    options = parser.parse_args()
    os.environ["VAE_WORKERS"] = "2"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        visit = first_visit(browser)
        cold, warm, following = first_points(browser)
        print("| | |\n|---|---|")
        print(f"| first visit of Train, new server | {visit:.2f} s |")
        print(f"| first point, cold server | {cold:.1f} s |")
        print(f"| first point, cold server, like an earlier run | {following:.1f} s |")
        print(f"| first point, warm server, like an earlier run | {warm:.1f} s |", flush=True)
        if options.only != "start":
            the_rest(browser, options.rounds)
        browser.close()


def the_rest(browser: Browser, rounds: int) -> None:
    """Measure and print the rows after the start of a run."""
    idle, busy, applied, share = strokes(browser, rounds)
    few, many = openings(browser, 1), openings(browser, OLD_RUNS)
    print(f"| stroke, idle | {idle:.0f} ms |")
    print(f"| stroke, two runs training | {busy:.0f} ms, {busy / idle:.2f} times as long |")
    print(f"| a live parameter until it is applied, at most | {applied:.2f} s |")
    print(f"| a page with a live run | {share:.1%} of a core |")
    for name, (first, later) in many.items():
        with_one = "first {:.2f} s, later {:.2f} s".format(*few[name])
        print(f"| {name}, {OLD_RUNS:,} runs | first {first:.2f} s, later {later:.2f} s |")
        print(f"| {name}, one run | {with_one} |")


if __name__ == "__main__":
    main()
