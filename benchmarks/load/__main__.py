"""Many visitors at once: how long they wait, and what they cost the server.

    python -m benchmarks.load [--kind play] [--visitors 1 10 50 100 200] [--seconds 40] [--run]
                             [--memory]

Starts a server with a home of its own, and prints a line of a table for each number of visitors.
They come one after the other in the first 20 s, and stay. A player turns a knob on Generate about
every 2 s, and one in ten times something for which the whole page runs; someone who draws ends a
stroke about every 3 s; a watcher has the Train page open while a run writes ten points a second,
and the answer is the event of such a point. Knobs need no answer: the server gets their values with
the next request, or after 4 s. `--run` starts a run in the middle
of the time, and prints a second line for what follows, and how many steps a second the run makes
with the visitors and once they have left. `--memory` waits until the server has forgotten the
visitors, and prints what memory it keeps.

The visitors speak Streamlit's protocol from this process: no browser takes part, and files such
as Streamlit's own JavaScript, which browsers keep, are not fetched. It needs Linux.
"""

import argparse
import asyncio
import gc
import sys
import threading
import time
from collections.abc import Sequence

from benchmarks.load.session import connect
from benchmarks.load.visitors import RAMP, Figures, milliseconds, visit, write_points
from benchmarks.servers import ROOT, a_home, cpu_seconds, resident, server, stop_all
from vae.files import registry
from vae.presets import PRESETS
from vae.runs import store
from vae.runs.run import Run
from vae.storage import file_lock

FORGET = 125
"""Seconds after which Streamlit has forgotten those who have left."""

GIVEN_BACK = 65
"""Seconds after which the server has given back their memory (`SERVER_ENVIRONMENT`)."""

HEAD = (
    "| visitors | page opens, ms, p50 / p95 | answer, ms, p50 / p95 / max | actions per s "
    "| errors | server, ms per action | cores | MiB |"
)


class Server:
    """The server that is measured, and the most memory it has had."""

    def __init__(self, url: str, pid: int) -> None:
        self.url, self.pid, self.peak = url, pid, 0.0

    async def follow_memory(self) -> None:
        """Note the highest memory, until it is cancelled."""
        while True:
            self.peak = max(self.peak, resident(self.pid))
            await asyncio.sleep(0.2)


async def measure(
    subject: Server, kind: str, count: int, seconds: float, with_run: bool, query: str
) -> tuple[list[str], str]:
    """Let `count` visitors come and act.

    Args:
        subject: the server.
        kind: of the visitors.
        count: how many.
        seconds: how long they act, once all have come.
        with_run: whether a run is started after half of the time.
        query: of the address of their page.

    Returns:
        The lines of the table, and a sentence about the run's speed, empty if there is none.
    """
    figures = Figures()
    came = time.monotonic() + RAMP
    leave = came + seconds
    subject.peak = 0.0
    memory = asyncio.create_task(subject.follow_memory())
    visits = [
        asyncio.create_task(visit(kind, subject.url, i, query, i * RAMP / count, leave, figures))
        for i in range(count)
    ]
    parts = [(came, came + seconds / 2, ""), (came + seconds / 2, leave, " and a run")]
    lines, speed = [], ""
    for begin, end, label in parts if with_run else [(came, leave, "")]:
        await asyncio.sleep(max(0.0, begin - time.monotonic()))
        spent = cpu_seconds(subject.pid)
        if label:
            run = await asyncio.to_thread(start_run, "beside")
            steps, since = steps_done(run), time.monotonic()
            if since > end:
                raise SystemExit("The visitors left before the run trained: choose more --seconds.")
        await asyncio.sleep(end - time.monotonic())
        if label:
            beside = (steps_done(run) - steps) / (time.monotonic() - since)
        spent = cpu_seconds(subject.pid) - spent
        took = [seconds for at, seconds in figures.answered if begin <= at < end]
        acted = sum(begin <= at < end for at in figures.acted)
        lines.append(line(f"{count}{label}", figures, took, acted, spent, end - begin, subject))
    await asyncio.gather(*visits)
    memory.cancel()
    for error in sorted(set(figures.errors)):
        print(error, file=sys.stderr)
    if with_run:
        steps, since = steps_done(run), time.monotonic()
        await asyncio.sleep(seconds / 2)
        alone = (steps_done(run) - steps) / (time.monotonic() - since)
        speed = (
            f"The run makes {beside:.0f} steps a second beside {count} visitors, and {alone:.0f} "
            f"once they have left: {beside / alone:.2f} times as many beside them."
        )
    return lines, speed


def line(
    label: str,
    figures: Figures,
    took: Sequence[float],
    acted: int,
    spent: float,
    seconds: float,
    subject: Server,
) -> str:
    """One line of the table; `spent` are seconds of the server's processor."""
    opens = milliseconds(figures.opened, 0.5, 0.95)
    waits = milliseconds(took, 0.5, 0.95, 1)
    each = 1000 * spent / max(1, acted)
    return (
        f"| {label} | {opens} | {waits} | {acted / seconds:.1f} | {len(figures.errors)} "
        f"| {each:.1f} | {spent / seconds:.2f} | {subject.peak:.0f} |"
    )


def start_run(name: str) -> Run:
    """Start a run that lasts longer than any measurement, and wait until it trains."""
    params = PRESETS["classic"].model_copy(update={"epochs": 1000})
    run = store.start(params, registry.free_name(name))
    while not run.status().history.points:
        time.sleep(0.1)
    return run


def steps_done(run: Run) -> int:
    """The optimizer steps that a run has made."""
    last = run.status().history.points[-1]
    return (last.epoch - 1) * last.steps + last.step


async def look(url: str) -> None:
    """A short visit to each page."""
    for page in ("", "generate", "explore", "how-it-works", "train", "runs"):
        async with connect(url) as session:
            await session.open(page)


async def main(options: argparse.Namespace, url: str, pid: int) -> None:
    """Measure and print the table."""
    subject = Server(url, pid)
    await look(url)  # So that all modules are loaded and the dispatcher runs.
    query = ""
    if options.kind == "watch":
        run = store.create(PRESETS["classic"].model_copy(update={"epochs": 1000}), "watched")
        query = f"run={run.id}"
        seconds = len(options.visitors) * (RAMP + options.seconds + 5)
        lock = file_lock(run.folder / "lock")
        lock.__enter__()  # As a worker does.
        threading.Thread(target=write_points, args=(run, seconds), daemon=True).start()
    before = resident(pid)
    print(HEAD + "\n" + "|---" * HEAD.count(" | ") + "|---|")
    speeds = []
    for count in options.visitors:
        lines, speed = await measure(
            subject, options.kind, count, options.seconds, options.run, query
        )
        print(*lines, sep="\n", flush=True)
        speeds += [f"\n{speed}\n"] if speed else []
        await asyncio.to_thread(stop_all) if options.run else await asyncio.sleep(2)
    print(*speeds, sep="", end="")
    if options.memory:
        await asyncio.sleep(FORGET)
        await look(url)  # Streamlit forgets visitors when it has to do with another one.
        await asyncio.sleep(GIVEN_BACK)
        print(
            f"\nMemory before the first, {before:.0f} MiB; {FORGET + GIVEN_BACK} s after all have "
            f"left, and one more visitor, {resident(pid):.0f} MiB."
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=["play", "draw", "watch"], default="play")
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 50, 100, 200])
    parser.add_argument("--seconds", type=float, default=40, help="after the last has come")
    parser.add_argument("--run", action="store_true", help="start a run while they are there")
    parser.add_argument("--memory", action="store_true", help="print what memory is kept")
    options = parser.parse_args()
    with a_home(), server(ROOT / "app.py") as (url, pid):
        gc.freeze()
        asyncio.run(main(options, url, pid))
