"""Run benchmarks and write their tables into docs/benchmarks.md.

    python -m benchmarks                      the benchmarks of speed, about half an hour
    python -m benchmarks training load        these parts
    python -m benchmarks --list               all parts, their commands, how long each took

Each table is written as soon as it is measured, with the date, the machine and the versions. A
benchmark that fails or is interrupted leaves the old table. Run it on a machine that does nothing
else. A library of requirements-bench.txt that is not installed is left out of the tables; without
Matplotlib, those with a plot fail.
"""

import argparse
import sys

from benchmarks.document import DOCUMENT, BenchmarkError, blocks, duration, part, update

SPEED = {
    "libraries": ("tensorflow", "keras", "torch", "jax"),
    "answers": ("numpy", "tensorflow", "keras", "onnxruntime"),
    "training": ("tensorflow", "keras", "numpy", "torch"),
    "app": ("streamlit", "chromium"),
    "live": ("streamlit", "numpy", "chromium"),
    "runs": ("tensorflow", "streamlit", "chromium"),
    "replay": (),
    "load": ("streamlit",),
    "cost": ("tensorflow", "keras"),
}
"""The parts that are run by default, in this order, and the packages that matter for each."""

_OTHERS = ("numpy", "tensorflow")
"""The packages that matter for the tables of quality."""


def main() -> int:
    """Run what is chosen; returns the exit status, 1 if a benchmark has failed."""
    commands = list(blocks(DOCUMENT.read_text(encoding="utf-8")))
    parts = list(dict.fromkeys(map(part, commands)))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--list", action="store_true", help="list the parts and run nothing")
    options = parser.parse_args()
    if unknown := [name for name in options.parts if name not in parts]:
        parser.error(f"There is no part {', '.join(unknown)}. There are {', '.join(parts)}.")
    if options.list:
        print_list()
        return 0
    failed = []
    for name in options.parts or SPEED:
        for command in [command for command in commands if part(command) == name]:
            print(f"\n{command}\n", flush=True)
            try:
                update(DOCUMENT, command, SPEED.get(name, _OTHERS))
            except KeyboardInterrupt:
                print(f"\nInterrupted: the table of {command!r} stays as it was.", file=sys.stderr)
                return 130
            except (BenchmarkError, OSError) as error:
                print(f"\n{error} Its table stays as it was.", file=sys.stderr)
                failed.append(command)
    if failed:
        print("\nNot measured:", *failed, sep="\n    ", file=sys.stderr)
    return bool(failed)


def print_list() -> None:
    """Print each command by its part, with the time that it took last."""
    for command, block in blocks(DOCUMENT.read_text(encoding="utf-8")).items():
        name = part(command)
        default = "" if name in SPEED else ", only when named"
        print(f"{name}: {command} ({duration(block) or 'not timed yet'}{default})")


if __name__ == "__main__":
    sys.exit(main())
