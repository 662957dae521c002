"""What a second server behind nginx adds.

    python -m benchmarks.public [--kind draw] [--visitors 50] [--seconds 25]

Starts the public set-up twice, with one server and with two, and lets as many visitors act on
each at the same time, so that whatever else the machine does meets both alike. It needs nginx
and Linux.
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

PORTS = {1: (8630, 8631), 2: (8635, 8636)}
"""For each number of servers: of nginx, and of the first server."""


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
    url = f"http://localhost:{PORTS[servers][0]}"
    for number in range(servers):
        await warm(f"http://localhost:{PORTS[servers][1] + number}")
    pids = children(setup)[:servers]
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
    shares = " + ".join(f"{seconds / sum(spent):.0%}" for seconds in spent)
    each = 1000 * sum(spent) / max(1, len(took))
    return f"| {servers} | {len(took)} | {waits} | {each:.1f} | {shares} | {len(figures.errors)} |"


async def main(options: argparse.Namespace) -> None:
    """Start both set-ups, measure and print the table."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        setups = {}
        for servers, (port, first) in PORTS.items():
            home = Path(folder) / str(servers)
            home.mkdir()
            setups[servers] = subprocess.Popen(
                [
                    *(sys.executable, "-m", "deploy.public", f"--processes={servers}"),
                    *("--origin", f"http://localhost:{port}", f"--first-port={first}"),
                ],
                cwd=ROOT,
                env=os.environ | {"VAE_HOME": str(home)},
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        try:
            lines = await asyncio.gather(
                *(measure(setup.pid, servers, options) for servers, setup in setups.items())
            )
        finally:
            for setup in setups.values():
                setup.terminate()
                setup.wait()
    print("| servers | answers | answer, ms, p50 / p95 | server, ms each | shares | errors |")
    print("|---|---|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, default="draw")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=25)
    asyncio.run(main(parser.parse_args()))
