"""Many visitors at once: how long they wait, and what they cost the server.

    python -m benchmarks.load [--kind play] [--visitors 1 10 50 100 200] [--seconds 40] [--run]

Starts a server with a home of its own and prints a line of a table for each number of visitors.
They come one after the other in the first 20 s, and stay. A player turns a knob on
Generate about every 2 s, and one in ten times something for which the whole page runs; someone
who draws ends a stroke about every 3 s; a watcher has the Train page open while a run trains.
Knobs need no answer: the server gets their values with the next request, or after 4 s.
`--run` starts a run in the middle of the time, and prints a second line for what follows.

The visitors speak Streamlit's protocol from this process: no browser takes part, and files such
as Streamlit's own JavaScript, which browsers keep, are not fetched. It needs Linux.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.load.session import connect
from benchmarks.load.visitors import RAMP, Figures, milliseconds, visit
from benchmarks.servers import ROOT, a_home, cpu_seconds, server, stop_all
from vae.params import PRESETS
from vae.runs import store

FORGET = 125
"""Seconds after which Streamlit has forgotten those who have left."""

HEAD = (
    "| visitors | page opens, ms, p50 / p95 | answer, ms, p50 / p95 / max | actions per s "
    "| errors | server, ms per action | cores | MiB |"
)


def resident(pid: int) -> float:
    """The memory of a process, MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


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
) -> list[str]:
    """Let `count` visitors come and act; returns the lines of the table.

    Args:
        subject: the server.
        kind: of the visitors.
        count: how many.
        seconds: how long they act, once all have come.
        with_run: whether a run is started after half of the time.
        query: of the address of their page.
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
    lines = []
    for begin, end, label in parts if with_run else [(came, leave, "")]:
        await asyncio.sleep(max(0.0, begin - time.monotonic()))
        if label:
            await asyncio.to_thread(start_run, "beside")
        spent = cpu_seconds(subject.pid)
        await asyncio.sleep(end - time.monotonic())
        spent = cpu_seconds(subject.pid) - spent
        took = [seconds for at, seconds in figures.answered if begin <= at < end]
        acted = sum(begin <= at < end for at in figures.acted)
        lines.append(line(f"{count}{label}", figures, took, acted, spent, end - begin, subject))
    await asyncio.gather(*visits)
    memory.cancel()
    for error in sorted(set(figures.errors)):
        print(f"<!-- {error} -->")
    return lines


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


def start_run(name: str) -> str:
    """Start a run that lasts longer than any measurement; its id, once it trains."""
    params = PRESETS["classic"].model_copy(update={"epochs": 1000})
    run = store.start(params, store.free_name(name))
    while not run.status().history.points:
        time.sleep(0.1)
    return run.id


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
        query = f"run={await asyncio.to_thread(start_run, 'watched')}"
    before = resident(pid)
    print(HEAD + "\n" + "|---" * HEAD.count(" | ") + "|---|")
    for count in options.visitors:
        lines = await measure(subject, options.kind, count, options.seconds, options.run, query)
        print(*lines, sep="\n", flush=True)
        await asyncio.to_thread(stop_all) if options.run else await asyncio.sleep(2)
    await asyncio.sleep(FORGET)
    print(
        f"\nMemory before the first, {before:.0f} MiB; {FORGET} s after all have left, "
        f"{resident(pid):.0f} MiB;",
        end=" ",
    )
    await look(url)
    print(f"after one more visitor, {resident(pid):.0f} MiB.")
    await asyncio.to_thread(stop_all)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=["play", "draw", "watch"], default="play")
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 50, 100, 200])
    parser.add_argument("--seconds", type=float, default=40, help="after the last has come")
    parser.add_argument("--run", action="store_true", help="start a run while they are there")
    options = parser.parse_args()
    with a_home(), server(ROOT / "app.py") as (url, pid):
        gc.freeze()
        asyncio.run(main(options, url, pid))
