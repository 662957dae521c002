"""How long the presets take to train on this machine: measured by a short probe.

The probe is a process of its own (python -m vae.pace) that takes a few real training steps of
each preset. What it finds is kept beside the runs, for this machine and these presets.
"""

import json
import math
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from vae import paths, runs
from vae.params import PRESETS, Params

STEPS = 30
CONV_STEPS = 6


def expected() -> dict[str, float]:
    """Seconds that each preset takes, by name, as far as it has been measured."""
    try:
        known = json.loads(_file().read_text())
        return {
            name: float(seconds)
            for name, seconds in known.get(_here(), {}).items()
            if name in PRESETS and math.isfinite(seconds)
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def probe() -> "subprocess.Popen[bytes] | None":
    """Have what is not known measured in the background, unless that is being done or a run,
    at whose side it would go slow, is going on; the process that does, if one was started.
    """
    if any(map(runs.alive, runs.ids())):
        return None
    try:
        paths.RUNS.mkdir(parents=True, exist_ok=True)
        with FileLock(_lock(), blocking=False):
            pass
        process = subprocess.Popen(
            [sys.executable, "-m", "vae.pace"],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, Timeout):
        return None  # The page does without.
    threading.Thread(target=process.wait, daemon=True).start()  # Leave no zombie behind.
    return process


def measure() -> None:
    """Measure every preset, in this process, and keep what is found."""
    with FileLock(_lock(), blocking=False):
        for name, params in PRESETS.items():
            if name not in expected():
                seconds = _seconds(params)
                _keep({**expected(), name: seconds})


def _seconds(params: Params) -> float:
    """Seconds from the start of `vae.train` to its end, by the pace of a few steps."""
    from vae.data import Data, load_mnist
    from vae.quiet import quiet

    with quiet():
        from vae.training import train

    data = load_mnist()
    steps = CONV_STEPS if params.convolutional else STEPS
    epoch = (len(data.train.x) - params.held_out) // params.batch_size
    few = data.train.part(slice(steps * params.batch_size + params.held_out))
    ends, began = [time.perf_counter()], time.perf_counter()
    # Two epochs: the first waits for the compiler, the second has the pace.
    for progress in train(params.model_copy(update={"epochs": 2}), Data(few, data.test)):
        if progress.trained:
            ends.append(time.perf_counter())
    step = params.batch_size / progress.examples_per_second
    start, beside = ends[1] - began, ends[2] - ends[1] - steps * step
    return start + params.epochs * (epoch * step + max(beside, 0))


def _keep(found: dict[str, float]) -> None:
    try:
        known = json.loads(_file().read_text())
    except (OSError, ValueError):
        known = {}
    temporary = _file().with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps({**known, _here(): found}))
    temporary.replace(_file())


def _here() -> str:
    return f"{platform.node()} {os.cpu_count()} " + " ".join(
        params.to_json() for params in PRESETS.values()
    )


def _file() -> Path:
    return paths.RUNS / "pace.json"


def _lock() -> Path:
    return paths.RUNS / "pace.lock"


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # The pages come first.
    measure()
