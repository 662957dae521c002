"""What XLA has compiled, kept in files: a later training of the same shape starts 1.5 s sooner.

TensorFlow reads these files without a check, and a damaged one ends the process. So their checksums
are compared before TensorFlow may read them, and each kind of processor has a folder of its own.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
from importlib.metadata import version
from pathlib import Path

from vae import settings
from vae.storage import atomic_write

CHECKSUMS = "checksums.json"
"""{"NAME.pb": SHA-256}. Two processes may overwrite each other's entries: what has none is only
compiled again."""

MAX_BYTES = 64 << 20
"""The oldest files that are more than that, for a kind of processor, are deleted."""

MIN_FREE = 256 << 20
"""With fewer free bytes nothing is kept: a full disk would end the training that compiles."""

_TEMPORARY = 3600
"""Seconds after which a temporary file of TensorFlow is left from a process that was killed."""


def enable() -> None:
    """Have TensorFlow look into the folder before it compiles, and keep there what it compiled.

    To be called before this process uses XLA; later, and where the folder cannot be written, it
    has no effect.
    """
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_invalid(folder)
        room = shutil.disk_usage(folder).free >= MIN_FREE and os.access(folder, os.W_OK)
    except OSError:
        return
    if room and not any(map(str.isspace, str(folder))):  # A space would end the option.
        flags = [os.environ.get("TF_XLA_FLAGS", "")]
        flags += [f"--tf_xla_persistent_cache_directory={folder}"]
        flags += ["--tf_xla_persistent_cache_device_types=CPU"]
        os.environ["TF_XLA_FLAGS"] = " ".join(filter(None, flags))


def save_checksums() -> None:
    """Write the checksums of what has been compiled; without one, the next process deletes it."""
    folder = _folder()
    with contextlib.suppress(OSError):
        checksums = {path.name: _checksum(path) for path in folder.glob("*.pb")}
        atomic_write(folder / CHECKSUMS, json.dumps(checksums))


def _folder() -> Path:
    """Where the files are of processors like this one, and of this TensorFlow."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = [f"model name : {platform.node()}"]
    kinds = ("model name", "flags", "Features", "CPU part")
    processor = sorted({line for line in lines if line.startswith(kinds)})
    text = "\n".join([platform.machine(), version("tensorflow"), *processor])
    return settings.HOME / "compiled" / hashlib.sha256(text.encode()).hexdigest()[:16]


def _remove_invalid(folder: Path) -> None:
    """Delete files that do not have their checksum, the oldest of too many, and leftover ones."""
    try:
        checksums = dict(json.loads((folder / CHECKSUMS).read_bytes()))
    except (OSError, ValueError, TypeError):
        checksums = {}
    total = 0
    for path in sorted(folder.glob("*.pb"), key=lambda path: path.stat().st_mtime, reverse=True):
        total += path.stat().st_size
        if total > MAX_BYTES or checksums.get(path.name) != _checksum(path):
            path.unlink(missing_ok=True)
    for path in folder.glob("*.tmp"):  # Another process may be writing a younger one.
        if path.stat().st_mtime < time.time() - _TEMPORARY:
            path.unlink(missing_ok=True)


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
