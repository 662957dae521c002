"""Ends a process that makes no progress, such as one that waits for memory it will never get.

It is an alarm of the kernel, which needs neither memory nor a thread nor Python. Windows has none.
"""

import faulthandler
import signal
from typing import BinaryIO

_seconds = 0


def start(log: BinaryIO, seconds: int) -> None:
    """Let SIGALRM end this process in `seconds`, unless `renew` or `stop` is called.

    Before it ends, it writes the stack of each thread to `log`.
    """
    global _seconds
    if hasattr(signal, "alarm"):
        _seconds = seconds
        # `chain`: then the signal does what it does by itself, which is to end the process.
        faulthandler.register(signal.SIGALRM, log, all_threads=True, chain=True)
        renew()


def renew() -> None:
    """Let the time begin again, if it runs in this process."""
    if _seconds:
        signal.alarm(_seconds)


def stop() -> None:
    """Let the time run no longer."""
    global _seconds
    if _seconds:
        signal.alarm(0)
        faulthandler.unregister(signal.SIGALRM)
        _seconds = 0
