"""Ctrl-C in a terminal that trains a run."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

from vae.errors import VAELabError
from vae.runs.run import Run


@contextlib.contextmanager
def stop_on_interrupt(run: Run) -> Iterator[threading.Event]:
    """Let the first Ctrl-C stop the run, as the app's button does, and a second one this process.

    Nothing is raised: TensorFlow turns a KeyboardInterrupt into other errors, or loses it.

    Yields:
        Set by the first Ctrl-C.
    """
    interrupted = threading.Event()
    terminal = os.dup(sys.stderr.fileno())  # That one is redirected while TensorFlow is imported.

    def request_stop() -> None:
        try:
            run.stop()
        except VAELabError as error:
            print(f"vae: {error}", file=sys.stderr)

    def handle(*_: object) -> None:
        again = interrupted.is_set()
        interrupted.set()
        text = "Ended at once" if again else "Stopping; press Ctrl-C again to end at once"
        with contextlib.suppress(OSError):
            os.write(terminal, f"\n{text}.\n".encode())
        if again:
            os._exit(130)
        # Not here: the code that is interrupted may hold the locks that this needs.
        threading.Thread(target=request_stop).start()

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # Ignored for a job in the background.
        signal.signal(signal.SIGINT, handle)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(terminal)
