"""How long the presets take to train on this machine: measured by a short probe.

A worker that has nothing else to do takes a few real training steps of each preset. What it
finds is kept beside the runs, for this machine and these presets.
"""

import json
import math
import os
import platform
import time
from pathlib import Path

from vae import settings
from vae.params import PRESETS, Params
from vae.storage import atomic_write

STEPS = 30
CONV_STEPS = 6


def expected() -> dict[str, float]:
    """Seconds that each preset takes, by name, as far as it has been measured."""
    try:
        kept = json.loads(_file().read_text())
        return {
            name: float(seconds)
            for name, seconds in kept.get(_here(), {}).items()
            if name in PRESETS and math.isfinite(seconds)
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def known() -> bool:
    """Whether every preset has been measured."""
    return expected().keys() >= PRESETS.keys()


def measure() -> None:
    """Measure what is not known, in this process, and keep what is found."""
    for name, params in PRESETS.items():
        if name not in expected():
            _keep({**expected(), name: _seconds(params)})


def _seconds(params: Params) -> float:
    """Seconds from the start of `vae.train` to its end, by the pace of a few steps."""
    from vae.data.mnist import Data, mnist
    from vae.training.quiet import quiet

    with quiet():
        from vae.training.loop import train

    data = mnist()
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
        kept = json.loads(_file().read_text())
    except (OSError, ValueError):
        kept = {}
    atomic_write(_file(), json.dumps({**kept, _here(): found}))


def _here() -> str:
    return f"{platform.node()} {os.cpu_count()} " + " ".join(
        params.to_json() for params in PRESETS.values()
    )


def _file() -> Path:
    return settings.RUNS / "pace.json"
