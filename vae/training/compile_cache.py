"""What XLA has compiled, kept on disk: a training like an earlier one begins a second sooner.

TensorFlow runs the machine code in these files as it finds it. So each has a checksum, which is
compared before TensorFlow may read the file, and each kind of processor has a folder of its own.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import time
from importlib.metadata import version
from pathlib import Path

from vae import settings
from vae.storage import atomic_write

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
        _delete_what_is_damaged(folder)
        room = shutil.disk_usage(folder).free >= MIN_FREE and os.access(folder, os.W_OK)
    except OSError:
        return
    if room and not any(map(str.isspace, str(folder))):  # A space would end the option.
        flags = [os.environ.get("TF_XLA_FLAGS", "")]
        flags += [f"--tf_xla_persistent_cache_directory={folder}"]
        flags += ["--tf_xla_persistent_cache_device_types=CPU"]
        os.environ["TF_XLA_FLAGS"] = " ".join(filter(None, flags))


def keep() -> None:
    """Write the checksums of what has been compiled; without one, the next process deletes it."""
    with contextlib.suppress(OSError):
        for path in _folder().glob("*.pb"):
            if not _checksum(path).exists():
                atomic_write(_checksum(path), _digest(path))


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


def _delete_what_is_damaged(folder: Path) -> None:
    """Delete files without their checksum, the oldest of too many, and what is left of crashes."""
    total = 0
    for path in sorted(folder.glob("*.pb"), key=lambda path: path.stat().st_mtime, reverse=True):
        total += path.stat().st_size
        checksum = _checksum(path)
        known = checksum.exists() and checksum.read_bytes() == _digest(path).encode()
        if not known or total > MAX_BYTES:
            path.unlink(missing_ok=True)
    for path in folder.iterdir():
        orphan = path.suffix == ".sha256" and not path.with_suffix("").exists()
        # Another process may be writing a younger one.
        left = path.suffix == ".tmp" and path.stat().st_mtime < time.time() - _TEMPORARY
        if orphan or left:
            path.unlink(missing_ok=True)


def _checksum(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
