"""What a second server behind nginx adds.

    python -m benchmarks.public [--kind draw] [--visitors 150] [--seconds 25]

Starts the public set-up with one server and then with two, and lets as many visitors act on each.
They take a part of the machine themselves. It needs nginx and Linux.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.load.session import connect
from benchmarks.load.visitors import KINDS, RAMP, Figures, milliseconds, visit
from benchmarks.servers import ROOT, cpu_seconds

PORT, FIRST = 8630, 8631
"""Of nginx, and of the first server."""


def children(pid: int) -> list[int]:
    """The processes that one has started, of which its first threads are the parents."""
    return [
        int(child)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


async def warm(url: str) -> None:
    """Open the pages of a server once it has started."""
    while True:
        try:
            async with asyncio.timeout(60), connect(url) as session:
                await session.open("generate")
                await session.open()
            return
        except OSError:
            await asyncio.sleep(0.2)


async def measure(setup: int, servers: int, options: argparse.Namespace) -> str:
    """A line of the table.

    Args:
        setup: the process that keeps all others alive.
        servers: how many it has started.
        options: kind and number of the visitors, and how long they act.
    """
    for number in range(servers):
        await warm(f"http://localhost:{FIRST + number}")
    url, pids = f"http://localhost:{PORT}", children(setup)[:servers]
    figures, begin = Figures(), time.monotonic() + RAMP
    end = begin + options.seconds
    visits = [
        visit(options.kind, url, i, "", i * RAMP / options.visitors, end, figures)
        for i in range(options.visitors)
    ]
    visiting = asyncio.gather(*visits)
    await asyncio.sleep(RAMP)
    before = [cpu_seconds(pid) for pid in pids]
    await asyncio.sleep(end - time.monotonic() - 0.2)
    spent = [cpu_seconds(pid) - first for pid, first in zip(pids, before, strict=True)]
    await visiting
    took = [seconds for at, seconds in figures.answered if begin <= at < end]
    waits = milliseconds(took, 0.5, 0.95)
    each = 1000 * sum(spent) / max(1, len(took))
    cores = " + ".join(f"{seconds / options.seconds:.2f}" for seconds in spent)
    return f"| {servers} | {len(took)} | {waits} | {each:.1f} | {cores} | {len(figures.errors)} |"


def main(options: argparse.Namespace) -> None:
    """Start each set-up, measure it and print its line."""
    print("| servers | answers | answer, ms, p50 / p95 | server, ms each | cores | errors |")
    print("|---|---|---|---|---|---|")
    for servers in (1, 2):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            setup = subprocess.Popen(
                [
                    *(sys.executable, "-m", "deploy.public", f"--processes={servers}"),
                    *("--origin", f"http://localhost:{PORT}", f"--first-port={FIRST}"),
                ],
                cwd=ROOT,
                env=os.environ | {"VAE_HOME": home},
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            try:
                print(asyncio.run(measure(setup.pid, servers, options)), flush=True)
            finally:
                setup.terminate()
                setup.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, default="draw")
    parser.add_argument("--visitors", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=25)
    main(parser.parse_args())
