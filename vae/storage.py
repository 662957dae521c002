"""Files on disk: atomic writes, and locks held by processes."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock


def atomic_write(path: Path, content: bytes | str, mode: int = 0o644) -> None:
    """Write `content` to `path` in one step: until then an older file there stays as it was.

    The folder must exist: one that was deleted meanwhile is not made again.

    Args:
        path: of the file.
        content: of it.
        mode: who may read and write it.

    Raises:
        OSError: if it cannot be written; nothing is left behind.
    """
    content = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise
    # So that the new name lasts through a power cut.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def delete_temporary_files(folder: Path) -> None:
    """Delete what `atomic_write` left in a folder when its process was killed.

    Nobody may be writing a file there.
    """
    for path in folder.glob(".*.????????"):
        with suppress(OSError):  # It may be a folder.
            path.unlink()


def is_locked(path: Path) -> bool:
    """Whether some process holds the `FileLock` at `path`; any number may ask at once."""
    try:
        with path.open() as file:
            # Shared: two that ask at the same moment do not take each other for the holder.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def file_lock(path: Path, seconds: float = 10) -> Iterator[None]:
    """Hold the lock file at `path`, whose folder must exist.

    Raises:
        TimeoutError: if another process holds it for longer than `seconds`.
        OSError: if it cannot be made.
    """
    # FileLock would make a folder that was deleted again; this does not.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o644))
    with FileLock(path, timeout=seconds):
        yield
