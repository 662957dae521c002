"""How long it takes to read a run's event log, and how much memory it keeps.

    python -m benchmarks.replay [--points 20000] [--per-epoch 100]

It needs Linux. The log is made up, of points and finished epochs as a worker logs them, and is
read by a new process. Beside it, the same lines are only parsed as JSON, without any check.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from vae.runs.events import EpochFinished, EventLog, TrainingPoint, TrainingStarted, WorkerStarted
from vae.runs.history import EventReader

STEPS = 1000
FIGURES = ("loss", "recon", "kl", "cls")


def write_log(folder: Path, points: int, per_epoch: int) -> None:
    """A log of that many points."""
    rng, log = np.random.default_rng(0), EventLog(folder)
    log.append(WorkerStarted.now(pid=1, host="host"))
    log.append(TrainingStarted.now(epoch=1, step=0, steps=STEPS))
    for epoch in range(1, points // per_epoch + 1):
        for i in range(1, per_epoch + 1):
            terms = dict(zip(FIGURES, (30 * rng.random(4)).tolist(), strict=True))
            step = i * STEPS // per_epoch
            speed = 6e4 * rng.random()
            log.append(
                TrainingPoint.now(
                    epoch=epoch, step=step, steps=STEPS, examples_per_second=speed, **terms
                )
            )
        figures = {"epoch": epoch, **terms, **{f"val_{n}": v for n, v in terms.items()}}
        log.append(
            EpochFinished.now(
                figures=figures,
                kl_per_dimension=rng.random(10).tolist(),
                active=[True] * 10,
                confusion=rng.integers(0, 1000, (10, 10)).tolist(),
            )
        )
    log.close()


def measure(path: Path) -> None:
    """Print seconds to replay and to parse the log, MiB kept, and points."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    history = EventReader(path).read()
    replay = time.perf_counter() - start
    kept = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    start = time.perf_counter()
    with path.open("rb") as file:
        for line in file:
            json.loads(line)
    parse = time.perf_counter() - start
    print(f"{replay:.3f} {parse:.3f} {kept:.0f} {len(history.points)}")


def main() -> None:
    """Measure in a new process and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--per-epoch", type=int, default=100)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        measure(options.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder), options.points, options.per_epoch)
        path = Path(folder) / "events.jsonl"
        command = [sys.executable, "-m", "benchmarks.replay", "--read", str(path)]
        replay, parse, kept, points = subprocess.check_output(command, text=True).split()
        size = path.stat().st_size / 1e6
    print("| points logged | MB | replayed, s | only parsed, s | MiB kept | points kept |")
    print("|---|---|---|---|---|---|")
    print(f"| {options.points:,} | {size:.1f} | {replay} | {parse} | {kept} | {int(points):,} |")


if __name__ == "__main__":
    main()
