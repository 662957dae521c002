"""Imports and data to preload, so that a worker forked from this process starts at once.

What is needed only at the end of a training is not among them: the first run waits for all this.
"""

import gc
from threading import Thread

from vae.data.mnist import mnist
from vae.training.quiet import quick_import

reading = Thread(target=mnist)  # An error is raised again, to be logged, in the worker.
reading.start()
with quick_import():
    import vae.runs.worker
    import vae.training.loop  # noqa: F401
reading.join()
gc.freeze()  # No worker searches these imports for garbage, which takes half a second.
