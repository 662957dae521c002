"""Looking whether a lock is held, without getting in the way of whoever wants to hold it."""

from pathlib import Path

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def held(path: Path) -> bool:
    """Whether some process holds the `FileLock` at `path`; any number may ask at once."""
    if fcntl is None:
        try:
            with FileLock(path, blocking=False):
                return False
        except Timeout:
            return True
        except OSError:
            return False
    try:
        with path.open() as file:
            # Shared: two that ask at the same moment do not take each other for the holder.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
