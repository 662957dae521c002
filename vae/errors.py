"""Every error that VAE Lab raises on purpose. Its message is a sentence for people.

Code that shows errors to people catches `VAELabError`, and `OSError` where files are involved.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class VAELabError(Exception):
    """Base class: its message is one sentence for people."""


class ParamsError(VAELabError, ValueError):
    """A parameter is unknown, of the wrong type or out of bounds."""


class DataError(VAELabError):
    """The copy of MNIST is missing or damaged."""


class EmptyDrawingError(VAELabError, ValueError):
    """There is nothing on the canvas."""


class DrawingError(VAELabError):
    """A drawing cannot be put into a link, or be read from one."""


class WeightsError(VAELabError):
    """A weights file cannot be read, written or accepted."""


class TrainingError(VAELabError):
    """The training cannot go on."""


class CheckpointError(VAELabError):
    """A checkpoint cannot be read."""


class RunError(VAELabError):
    """A run cannot be started, read or changed."""


class RunBusyError(RunError):
    """Another worker has the run."""


class DatabaseError(VAELabError, OSError):
    """The database cannot be opened, read or written.

    Args:
        message: a sentence.
        reason: why, in a few words, for a sentence of the caller (see `os_error_message`).
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.strerror = reason or message


class OwnershipError(VAELabError):
    """A run or model belongs to somebody else."""


class QuotaError(VAELabError):
    """A visitor, or all visitors together, would have more than a public server allows."""


class UsageError(VAELabError):
    """An option of the terminal, or an argument, has a value that it cannot have."""


def os_error_message(what: str, error: OSError) -> str:
    """`what` with the reason behind it: "The run cannot be started: No space left on device."."""
    reason = error.strerror or str(error)
    return f"{what}: {reason.rstrip('.')}."


@contextmanager
def os_errors_as(kind: type[VAELabError], what: str) -> Iterator[None]:
    """Raise an `OSError` inside this as an error of that kind, with `os_error_message`."""
    try:
        yield
    except OSError as error:
        raise kind(os_error_message(what, error)) from error
