"""The tables in docs/benchmarks.md: each is a block of text, with the command that prints it.

A block is

    <!-- measured: COMMAND -->
    what the command has printed
    <!-- end -->

in which the text between the two comments is written anew when the benchmark is run.
"""

import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from vae.storage import atomic_write

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"

_END = "<!-- end -->"
_BLOCK = re.compile(rf"<!-- measured: (.+?) -->\n(.*?){_END}", re.DOTALL)


class BenchmarkError(Exception):
    """A benchmark has failed, or has no block in the document."""


def blocks(text: str) -> dict[str, str]:
    """The text of each block of a document by its command, in their order."""
    return dict(_BLOCK.findall(text))


def part(command: str) -> str:
    """The name under which a command is chosen: `python -m benchmarks.load --run` → load."""
    return module(command).rpartition(".")[2]


def module(command: str) -> str:
    """The module that a command runs: `python -m benchmarks.load --run` → benchmarks.load."""
    return shlex.split(command)[2]


def replaced(text: str, command: str, block: str) -> str:
    """A document in which the block of `command` has another text.

    Raises:
        BenchmarkError: there is no such block.
    """
    begin = f"<!-- measured: {command} -->\n"
    before, found, after = text.partition(begin)
    if not found:
        raise BenchmarkError(f"The document has no block of {command!r} any more.")
    return before + begin + block + after[after.index(_END) :]


def update(path: Path, command: str, packages: Sequence[str]) -> None:
    """Run a benchmark and write what it prints into its block; the rest of the file stays.

    Args:
        path: of the document.
        command: of the block, `python -m …`.
        packages: whose versions matter for its figures.

    Raises:
        BenchmarkError: the command has failed or printed nothing; the file stays as it was.
        OSError: the file cannot be read or written.
    """
    began = time.monotonic()
    table = run(command).strip()
    line = f"{conditions(packages)}; took {took(time.monotonic() - began)}."
    block = f"\n    {command}\n\n{table}\n\n{line}\n\n"
    # Read after the command has run, so that edits made meanwhile are kept.
    atomic_write(path, replaced(path.read_text(encoding="utf-8"), command, block))


def run(command: str) -> str:
    """What a command prints, which is shown at the same time.

    Raises:
        BenchmarkError: it has failed or printed nothing.
    """
    arguments = [sys.executable, *shlex.split(command)[1:]]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise BenchmarkError(f"{command!r} has ended with {process.returncode}.")
    if not "".join(lines).strip():
        raise BenchmarkError(f"{command!r} has printed nothing.")
    return "".join(lines)


def took(seconds: float) -> str:
    """A duration in words: 8 s, 3 min."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def duration(block: str) -> str:
    """How long the benchmark of a block took; empty if the block does not say it."""
    found = re.search(r"; took (.+)\.\n", block)
    return found[1] if found else ""


def conditions(packages: Sequence[str]) -> str:
    """The date, the machine and the versions: `2026-11-30, AMD EPYC, 2 cores, Linux, …`.

    Args:
        packages: names of Python packages, or `chromium`; those not installed are left out.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    python = f"Python {platform.python_version()}"
    found = [f"{date.today()}", _processor(), f"{cores} cores", platform.system(), python]
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError, OSError):
            found.append(_version(package))
    return ", ".join(found)


def _version(package: str) -> str:
    if package != "chromium":
        return f"{_NAMES.get(package, package)} {importlib.metadata.version(package)}"
    words = subprocess.check_output([shutil.which(package) or package, "--version"], text=True)
    return f"Chromium {words.split()[1]}"


_NAMES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "torch": "PyTorch",
    "jax": "JAX",
    "onnxruntime": "ONNX Runtime",
    "streamlit": "Streamlit",
}


def _processor() -> str:
    """The processor's name, as far as the system says it."""
    with suppress(OSError):
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        if found:
            return found[1]
    return platform.processor() or platform.machine()
