"""Runs without a training: a worker that writes what the test says, and runs that it has made."""

import numpy as np
from filelock import FileLock

from vae import Params, database
from vae.images import to_png
from vae.runs import store
from vae.runs.log import RunLog
from vae.runs.rows import set_values
from vae.runs.snapshots import columns_of
from vae.runs.states import ENDINGS
from vae.training.progress import Point, Validation

TERMS = {"loss": 9.0, "recon": 5.0, "kl": 2.0, "cls": 0.2}
LOSSES = (40.0, 35.0, 33.0, 32.5)


class Worker:
    """Holds the lock of a run, and writes about it."""

    def __init__(self, run):
        self.run = run
        self.lock = FileLock(run.folder / "lock", timeout=0)
        self.lock.acquire()
        self.log = RunLog(run.id, run.folder)

    def start(self, epoch=1, step=0):
        """Start the training there."""
        self.log.worker_started()
        steps, target = self.run.params.steps_per_epoch(), self.run.params.epochs
        self.log.training_started(epoch, step, steps, target)
        return self

    def point(self, epoch, step=None, **terms):
        """Write a point of the curve; by default the last of the epoch."""
        steps = self.run.params.steps_per_epoch()
        terms = {**TERMS, **terms}
        self.log.point(Point(epoch, step or steps, steps, examples_per_second=5e4, **terms))

    def epoch(self, epoch, loss=9.0):
        """Write that an epoch was validated, with this loss, and add its picture."""
        figures = {f"val_{term}": loss for term in TERMS} | {"epoch": epoch, "val_accuracy": 0.9}
        if epoch:
            figures |= dict.fromkeys(TERMS, loss)
        z = self.run.params.z_dim
        kl, active = [0.5, 0.001, *[0.5] * z][:z], [True, False, *[True] * z][:z]
        self.log.epoch(figures, Validation({}, kl, active, [[1] * 10] * 10))
        self.picture(epoch)

    def picture(self, epoch, step=0, points=None):
        """Add a picture of one pixel."""
        png = to_png(np.full((1, 1), (step or epoch) % 256, np.uint8))
        self.log.snapshot(epoch, step, paused=False, **columns_of(png, points))

    def end(self, how="finished"):
        """Leave the run in that state, or be killed."""
        if how in ENDINGS:
            self.log.ended(how, f"{how.capitalize()}; it is saved.")
        elif how != "killed":
            getattr(self.log, how)()
        self.lock.release()


def alter(run, **columns):
    """Set columns of a run, whatever they are."""
    with database.writing() as connection:
        set_values(connection, run.id, **columns)


def made(name, losses=LOSSES, end="finished", owner="", params=None, **others):
    """A run that was, with these losses on the test set after epoch 0 and after each other.

    There is a picture of each. The others are parameters that are not as in `params`.
    """
    params = Params(**{**(params or Params()).model_dump(), **others})
    run = store.create(params, name, owner=owner)
    worker = Worker(run).start()
    for epoch, loss in enumerate(losses):
        if epoch:
            worker.point(epoch)
        worker.epoch(epoch, loss)
    worker.end(end)
    return store.get(run.id)
