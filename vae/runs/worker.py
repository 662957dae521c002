"""The trainer of a run: trains what its folder says, tells what happens, does what is wanted.

Whatever happens to it, the folder holds a checkpoint from which another trainer goes on to the
same end.
"""

import contextlib
import json
import os
import platform
import time
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from vae.errors import RunError
from vae.model.weights import load, save
from vae.runs import control, queue
from vae.runs.events import ENDINGS
from vae.runs.run import Run
from vae.storage import atomic_write
from vae.training.checkpoint import Checkpoint
from vae.training.progress import Progress

if TYPE_CHECKING:
    from vae.data.mnist import Data
    from vae.training.loop import Training

CHECKPOINT_INTERVAL = 20
"""A checkpoint is written at the end of every epoch, and so long after the last one."""

MAX_PAUSE = 300
"""So long a paused trainer stays in memory, unless another run waits for its place."""

FIRST_LOOK = 1000
"""Before it has learned anything, a model is tested on so many images: somebody is waiting."""

_POLL_INTERVAL = 0.05
_LAST_WORDS = 1000


def train_here(run_id: str) -> None:
    """Train a run in this process, made for it: what it prints goes to `trainer.log`."""
    from vae import settings

    with (settings.RUNS / run_id / "trainer.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    train_run(run_id)


def train_run(run_id: str) -> None:
    """Train a run in this process, unless it has come to its end.

    A cluster has a run trained again when it believes the worker to be lost. That one may live
    on, and may have ended the run.
    """
    from vae import settings

    run = Run(settings.RUNS / run_id)
    while (status := run.status()).working:
        time.sleep(_POLL_INTERVAL)
    if status.state not in ENDINGS:
        deque(execute(run), maxlen=0)


def execute(run: Run, patient: bool = False) -> Generator[Progress, None, None]:
    """Train a run in this process until it ends or is asked to stop; close it to stop.

    While it pauses it leaves its place to others, unless it is patient: it can be queued again.

    Raises:
        RunError: if it is being trained already.
    """
    try:
        lock = FileLock(run.folder / "lock", timeout=10).acquire()
    except Timeout:
        raise RunError(f"{run.id} is being trained already.") from None
    with lock:
        queue.remove(run.id)
        log = EventLog(run.folder)
        try:
            yield from _Trainer(run, log, patient).work()
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            log.append("failed", message=f"The training failed: {reason.splitlines()[0]}")
            raise
        finally:
            log.close()
    # Resume may have been asked for after the last look at the requests, but before the lock's end.
    if run.status().state == "paused" and control.read(run.folder).desired_state == "run":
        queue.add(run.id)


class EventLog:
    """Appends to a run's events.

    When they cannot be written any more (the disk is full), the last words still can: their
    place on the disk was taken in time.
    """

    def __init__(self, folder: Path) -> None:
        self._words = folder / "last-words"
        if not self._words.exists() or self._words.read_bytes().strip():
            atomic_write(self._words, b" " * _LAST_WORDS)
        self._events = (folder / "events.jsonl").open("ab+")
        self._events.seek(0, os.SEEK_END)
        if size := self._events.append():
            self._events.seek(size - 1)
            if self._events.read() != b"\n":  # A line that was cut short stays alone.
                self._events.write(b"\n")

    def append(self, event: str, **details: Any) -> None:
        """Append an event.

        Raises:
            OSError: if it cannot be written.
        """
        line = json.dumps({"event": event, "at": time.time(), **details}).encode() + b"\n"
        try:
            self._events.write(line)
            self._events.flush()
        except OSError:
            if event == "failed":
                with self._words.open("r+b") as words:
                    words.write(line.ljust(_LAST_WORDS))
                return
            raise

    def close(self) -> None:
        """Tell no more."""
        with contextlib.suppress(OSError):  # What was not written before will not be now.
            self._events.close()

    def sync(self) -> None:
        """Make what was told last through a power cut."""
        self._events.flush()
        os.fsync(self._events.fileno())


class _Trainer:
    def __init__(self, run: Run, log: EventLog, patient: bool) -> None:
        self.run, self.log, self.append = run, log, log.append
        self.patient = patient
        self.kept_at = 0.0
        self.single_steps = 0
        self.data: Data
        self.training: Training

    def work(self) -> Iterator[Progress]:
        try:
            self.begin()
        except KeyboardInterrupt:
            self.append("stopped", message="Stopped before it had begun.")
            raise
        paused = False
        try:
            while True:
                requests = self.obey()
                if requests.desired_state == "stop":
                    break
                if requests.desired_state == "pause":
                    if not paused:
                        paused = True
                        self.pause()
                    left = requests.single_steps - self.single_steps
                    if left > 0 and not self.training.done:
                        self.single_steps += 1
                        yield self.step(1)
                        self.pause()
                    elif not self.patient and self.unwanted():
                        return
                    else:
                        time.sleep(_POLL_INTERVAL)
                    continue
                self.single_steps = requests.single_steps
                if paused:
                    paused = False
                    self.append("went_on")
                if self.training.done:
                    break
                yield self.step()
        except (KeyboardInterrupt, GeneratorExit):
            control.change(self.run.folder, desired_state="stop")
            self.end()
            raise
        self.end()

    def unwanted(self) -> bool:
        return bool(queue.ids()) or time.monotonic() > self.kept_at + MAX_PAUSE

    def begin(self) -> None:
        from vae.data.mnist import mnist
        from vae.training.quiet import quiet

        self.append("began", pid=os.getpid(), host=platform.node())
        checkpoint = Checkpoint.load(self.run.folder / "checkpoint.safetensors")
        with quiet():
            from vae.training.loop import Training
        self.data = mnist()
        self.training = training = Training(self.run.params, self.data, checkpoint)
        if checkpoint:
            self.single_steps = checkpoint.position.single_steps
        epoch = len(training.history) + 1
        place = {"epoch": epoch, "step": training.step, "steps": training.steps}
        self.append("started", **place)
        self.append("goal", epochs=training.epochs)
        if not self.epochs_done:
            look = training.look(FIRST_LOOK)
            self.append_epoch({"epoch": 0, **look.figures}, look)
            self.draw(0)
        self.kept_at = time.monotonic()

    def obey(self) -> control.Control:
        requests, training = control.read(self.run.folder), self.training
        for param, value in requests.live_params.items():
            if training.live_params[param] != value:
                training.set_live(param, value)
                self.append("param", epochs_done=self.epochs_done, param=param, value=value)
        if requests.target_epochs and requests.target_epochs != training.epochs:
            training.set_target_epochs(requests.target_epochs)
            self.append("goal", epochs=requests.target_epochs)
        return requests

    @property
    def epochs_done(self) -> float:
        return len(self.training.history) + self.training.step / self.training.steps

    def step(self, most: int | None = None) -> Progress:
        progress = self.training.advance(most)
        self.append("point", **progress.point)
        if progress.trained and progress.validation:
            self.append_epoch(progress.trained.history[-1], progress.validation)
            self.draw(progress.epoch)
            run = self.run
            best = min(progress.trained.history, key=lambda entry: entry["val_loss"])
            for path in (run.last, run.out, run.best if best["epoch"] == progress.epoch else None):
                if path:
                    save(path, progress.trained)
            self.keep()
        elif time.monotonic() > self.kept_at + CHECKPOINT_INTERVAL:
            self.keep()
        return progress

    def append_epoch(self, entry: dict[str, float], validation: Any) -> None:
        self.append(
            "epoch",
            **entry,
            kl_per_dimension=validation.kl_per_dimension,
            confusion=validation.confusion,
        )

    def draw(self, epoch: int | str) -> None:
        from vae.runs.snapshots import frame

        picture = frame(self.training.model.to_trained(), self.data.test)
        name = f"{epoch:04d}.png" if isinstance(epoch, int) else f"{epoch}.png"
        atomic_write(self.run.folder / "samples" / name, picture)

    def pause(self) -> None:
        self.keep()
        self.draw("now")
        self.append("paused")

    def keep(self) -> None:
        self.log.sync()  # What is told is never less than what is kept.
        training = self.training
        training.checkpoint(self.single_steps).save(self.run.folder / "checkpoint.safetensors")
        self.kept_at = time.monotonic()
        self.append("kept", epoch=len(training.history) + 1, step=training.step)

    def end(self) -> None:
        from vae.evaluation import with_metrics

        training, run = self.training, self.run
        self.keep()
        epochs, kept = len(training.history), "no epoch was finished"
        if epochs:
            kept = f"the model of epoch {epochs} is saved"
            last = with_metrics(load(run.last), self.data)
            for path in filter(None, (run.last, run.out)):
                save(path, last)
            best = load(run.best)
            same = len(best.history) == epochs
            save(run.best, last if same else with_metrics(best, self.data))
        state = "finished" if training.done else "stopped"
        self.append(state, message=f"{state.capitalize()}; {kept}.")
