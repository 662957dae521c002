"""Whether the same seed gives the same model on a busy machine.

    python -m benchmarks.determinism [--runs 100] [--busy 4] [--at-once 2]

Each training is an epoch of a small model with all kinds of random numbers (dropout, augmentation,
synthetic digits, consistency), in a process of its own that is forked as a run's worker is. Beside
the trainings, busy loops take the processors. It prints how many trainings differ from the first
one, which runs before the loops start, and the figure in which they first differ.

That no read of a variable can be overtaken by its update, whatever the load, is tested in
`tests/model/test_update_order.py`.
"""

import argparse
import hashlib
import multiprocessing
import os
import subprocess
import sys
import time
from typing import Any, cast

from vae.params import Params

LAYERS = {
    "encoder_layers": (16,),
    "decoder_layers": (16,),
    "digit_classification_layers": (16,),
}
PARAMS = Params(
    **LAYERS,
    batch_size=1000,
    epochs=4,
    dropout=0.2,
    augmentation=1.0,
    learning_rate_schedule="cosine",
    consistency_weight=1.0,
    synthetic_ratio=0.01,
)
BUSY_LOOP = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(1_000_000))
"""

Figures = list[tuple[str, str]]


def train_epoch(_: int) -> Figures:
    """Train an epoch in this process; its exact figures, then a digest of each tensor."""
    from vae.data.mnist import mnist
    from vae.training.loop import Training

    training = Training(PARAMS, mnist())
    figures: Figures = []
    while not training.epoch_complete:
        progress = training.advance()
        for term in training.model.terms:
            name = f"step {progress.step} {term}"
            figures.append((name, float(getattr(progress, term)).hex()))
    for name, tensor in training.model.to_trained().tensors.items():
        figures.append((name, hashlib.sha256(tensor.tobytes()).hexdigest()[:16]))
    return figures


def first_difference(figures: Figures, expected: Figures) -> str:
    """The first figure that differs, in words."""
    for (name, value), (_, other) in zip(figures, expected, strict=True):
        if value != other:
            values = [
                f"{float.fromhex(text):.9g}" if text.startswith("0x") else text
                for text in (value, other)
            ]
            return f"{name}: {values[0]} instead of {values[1]}"
    return ""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="trainings, each a new process")
    parser.add_argument("--busy", type=int, default=4, help="busy loops beside them")
    parser.add_argument("--at-once", type=int, default=2, help="trainings at a time")
    options = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    context = cast(Any, multiprocessing.get_context("forkserver"))
    context.set_forkserver_preload(["vae.runs.preload"])
    with context.Pool(1, maxtasksperchild=1) as pool:
        expected = pool.apply(train_epoch, (0,))
    loops = [subprocess.Popen([sys.executable, "-c", BUSY_LOOP]) for _ in range(options.busy)]
    start, different = time.monotonic(), []
    try:
        with context.Pool(options.at_once, maxtasksperchild=1) as pool:
            for figures in pool.imap_unordered(train_epoch, range(options.runs)):
                if figures != expected:
                    different.append(first_difference(figures, expected))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    seconds = time.monotonic() - start
    print(f"{len(different)} of {options.runs} trainings differ, in {seconds:.0f} s")
    for difference in different:
        print(f"  {difference}")


if __name__ == "__main__":
    main()
