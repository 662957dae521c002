"""The training of each preset beside other libraries, which take turns within one run.

    pip install -r requirements-bench.txt
    python -m benchmarks.libraries [--rounds 5] [--ways WAY …] [PRESET …]

Milliseconds of an optimizer step, the median of all rounds, and in brackets the median of its
ratio to `vae.train` within a round: above 1 is slower than `vae.train`. All do the same work for
the same parameters, see `benchmarks/other_libraries/`; each is a process of its own, and waits
while another one is at work. A library that is not installed is left out. `vae.train bfloat16`,
only when named, has oneDNN multiply float32 as bfloat16, on processors that can.
"""

import argparse
import os
import statistics
import subprocess
import sys
from importlib.util import find_spec

from vae.presets import PRESETS

WAYS = ("vae.train", "Keras fit", "PyTorch", "PyTorch compiled", "JAX", "JAX scan")
_NEEDS = {"PyTorch": "torch", "JAX": "jax"}
_BFLOAT16 = "vae.train bfloat16"
_ENVIRONMENT = {_BFLOAT16: {"ONEDNN_DEFAULT_FPMATH_MODE": "BF16"}}


class Trainer:
    """A process that takes steps when it is its turn."""

    def __init__(self, way: str, preset: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.other_libraries.trainer", way, preset],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | _ENVIRONMENT.get(way, {}),
        )

    def seconds(self, steps: int) -> float:
        """Seconds that it takes for this number of steps."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{steps}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{' '.join(map(str, self._process.args))} has failed.")
        return float(answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def steps_of_a_round(preset: str, way: str) -> int:
    """The number of steps in a round: few of `conv`, of which JAX takes about a second for one."""
    if preset != "conv":
        return 200
    return 2 if way.startswith("JAX") else 20


def measured(preset: str, ways: list[str], rounds: int) -> dict[str, list[float]]:
    """Seconds of a step in each round, by the way."""
    steps = {way: steps_of_a_round(preset, way) for way in ways}
    trainers = {way: Trainer(way, preset) for way in ways}
    try:
        for way, trainer in trainers.items():  # Compiles.
            trainer.seconds(steps[way])
        found: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, trainer in trainers.items():
                found[way].append(trainer.seconds(steps[way]) / steps[way])
    finally:
        for trainer in trainers.values():
            trainer.close()
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("presets", nargs="*", default=["classic", "fast", "conv"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=[*WAYS, _BFLOAT16], default=WAYS)
    options = parser.parse_args()
    if unknown := set(options.presets) - set(PRESETS):
        parser.error(f"There is no preset {', '.join(sorted(unknown))}.")
    if "vae.train" not in options.ways:
        parser.error("--ways needs vae.train, with which the others are compared.")
    ways = [way for way in options.ways if find_spec(_NEEDS.get(way.split()[0], "sys"))]
    print("| ms a step (times vae.train) |", *(f" {way} |" for way in ways), sep="")
    print("|---" * (len(ways) + 1), "|", sep="")
    for preset in options.presets:
        found = measured(preset, ways, options.rounds)
        cells = []
        for way in ways:
            ratios = [a / b for a, b in zip(found[way], found["vae.train"], strict=True)]
            milliseconds = 1000 * statistics.median(found[way])
            cells.append(f" {milliseconds:.2f} ({statistics.median(ratios):.2f}) |")
        print(f"| {preset} |", *cells, sep="", flush=True)


if __name__ == "__main__":
    main()
