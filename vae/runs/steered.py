"""The training of a run under its requests: when it pauses and ends, what it logs and saves."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vae.errors import VAELabError
from vae.files import registry, weights
from vae.model.numpy_model import TrainedVAE
from vae.runs import control, latent_points, queue, snapshots, watchdog
from vae.runs.history import history_of
from vae.runs.latent_points import LatentPoints
from vae.runs.log import RunLog
from vae.runs.rows import row_of
from vae.runs.run import Run
from vae.storage import delete_temporary_files
from vae.training import compile_cache
from vae.training.checkpoint import Checkpoint
from vae.training.progress import Point, Progress, Validation, merge_points

if TYPE_CHECKING:
    from vae.training.loop import Training

CHECKPOINT_INTERVAL = 20
"""Seconds after a checkpoint until the next one is due; one is also saved after every epoch."""

MAX_PAUSE = 300
"""Seconds that a paused worker keeps its slot, if no other run waits for it."""

POINTS_PER_EPOCH = 100
"""About as many points of an epoch are logged, and a tenth after so many epochs: no screen shows
more.
"""

UNTRAINED_IMAGES = 1000
"""Test images on which the untrained model is validated; few, to start sooner."""

_POLL_INTERVAL = 0.05


def reason(error: BaseException) -> str:
    """Why something failed, in a sentence."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:500].rstrip(".") + "."


class SteeredTraining:
    """The training of a run; it reads the requests between two calls of the training loop.

    Args:
        run: the run, whose lock is held.
        log: what is written about it.
        hold_slot: whether a paused run waits here, or ends to let another run have its slot.

    Attributes:
        training: the training, from the first step on.
        single_steps: how many single steps were taken or are void, of those ever requested.
    """

    def __init__(self, run: Run, log: RunLog, hold_slot: bool) -> None:
        self._run, self._log, self._hold_slot = run, log, hold_slot
        self._reported: set[str] = set()
        self._compiled = False
        self._saved_at = 0.0
        self.single_steps = 0
        self._pending: list[tuple[Point, int]] = []
        self._pending_from = 0
        self._last_slot = (0, 0)
        self._points: LatentPoints | None = None
        self.training: Training

    def progress(self) -> Iterator[Progress]:
        """Train until the run ends or is to stop; closing this stops it, too."""
        self._start()
        paused = False
        try:
            while True:
                watchdog.renew()
                requests = self._apply_requests()
                if requests.desired_state == "stop":
                    break
                if requests.desired_state == "pause":
                    if not paused:
                        paused = True
                        self._pause()
                    if requests.single_steps > self.single_steps and not self.training.done:
                        self.single_steps += 1
                        yield from self._single_step()
                        self._pause()
                    elif not self._hold_slot and self._should_yield_slot():
                        return
                    else:
                        time.sleep(_POLL_INTERVAL)
                    continue
                self.single_steps = requests.single_steps
                if paused:
                    paused = False
                    self._log.resumed()
                if self.training.done:
                    break
                yield from self._advance()
        except GeneratorExit:
            control.change(self._run.id, desired_state="stop")
            self._end()
            raise
        self._end()

    def _start(self) -> None:
        from vae.data.mnist import mnist
        from vae.training.quiet import quiet

        delete_temporary_files(self._run.folder)
        checkpoint = Checkpoint.load(self._run.folder / "checkpoint.safetensors")
        with quiet():
            from vae.training.loop import Training
        self._data = mnist()
        self.training = training = Training(self._run.params, self._data, checkpoint)
        if checkpoint:
            self.single_steps = checkpoint.position.single_steps
        epoch, target = len(training.history) + 1, training.target_epochs
        self._log.training_started(epoch, training.step, training.steps, target)
        self._points = snapshots.newest_points(self._run.snapshots())
        self._pending_from = training.step
        if not self._epochs_done:
            validation = training.validate_untrained(UNTRAINED_IMAGES)
            self._log.epoch({"epoch": 0, **validation.figures}, validation)
            self._save_snapshot()
        self._saved_at = time.monotonic()

    @property
    def _epochs_done(self) -> float:
        return len(self.training.history) + self.training.step / self.training.steps

    def _apply_requests(self) -> control.Control:
        """Read the requests, apply what changes the training, and log it."""
        requests, training = control.of_row(row_of(self._run.id)), self.training
        for param, value in requests.live_params.items():
            if training.live_params[param] != value:
                training.set_live(param, value)
                self._log.param_changed(self._epochs_done, param, value)
        if requests.target_epochs and requests.target_epochs != training.target_epochs:
            training.set_target_epochs(requests.target_epochs)
            self._log.target_epochs(requests.target_epochs)
        return requests

    def _advance(self, max_steps: int | None = None) -> Iterator[Progress]:
        """Some steps of the optimizer or, after the last of an epoch, a part of its validation."""
        if self.training.epoch_complete:
            progress = self.training.validate_batch()
            if progress and progress.trained and progress.validation:
                self._finish_epoch(progress.trained, progress.validation)
                yield progress
            return
        progress = self.training.advance(max_steps or self._steps_to_snapshot())
        if not self._compiled:
            self._compiled = True
            compile_cache.save_checksums()
        self._log_point(progress.point, single=max_steps is not None)
        if not self.training.history and self.training.step in snapshots.EARLY_STEPS:
            self._save_snapshot()
        if time.monotonic() > self._saved_at + CHECKPOINT_INTERVAL:
            self._save_checkpoint()
        yield progress

    def _steps_to_snapshot(self) -> int | None:
        """How many steps there are to the next snapshot of the first epoch; None without one."""
        if self.training.history:
            return None
        done = self.training.step
        return next((step - done for step in snapshots.EARLY_STEPS if step > done), None)

    def _single_step(self) -> Iterator[Progress]:
        """One step of the optimizer; before or after it, the validation of a completed epoch."""
        yield from self._validate()
        if not self.training.done:
            yield from self._advance(1)
            yield from self._validate()

    def _validate(self) -> Iterator[Progress]:
        """The validation, if all steps of the epoch are done."""
        while self.training.epoch_complete:
            yield from self._advance()

    def _log_point(self, point: Point, single: bool) -> None:
        """Log a point, merged with those before it that were too many to be logged."""
        self._pending.append((point, point.step - self._pending_from))
        self._pending_from = point.step % point.steps
        parts = POINTS_PER_EPOCH if point.epoch <= POINTS_PER_EPOCH else POINTS_PER_EPOCH // 10
        slot = point.epoch, -(-point.step * parts // point.steps)
        if single or slot != self._last_slot or point.step == point.steps:
            self._log.point(merge_points(*zip(*self._pending, strict=True)))
            self._pending, self._last_slot = [], slot

    def _finish_epoch(self, trained: TrainedVAE, validation: Validation) -> None:
        """Log the epoch and save what the model is and draws after it."""
        self._log.epoch(trained.history[-1], validation)
        self._save_snapshot()
        best_epoch = history_of(row_of(self._run.id)).best_epoch
        self._save_model(trained, best=best_epoch == len(trained.history))
        self._save_checkpoint()

    def _save_model(self, model: TrainedVAE, best: bool) -> None:
        run = self._run
        if best:
            weights.save(run.best, model, run.id)
        weights.save(run.last, model, run.id)
        if not registry.save_for_run(run.out, model, run.id, run.replaces):
            self._report(f"{run.out.name} was not written by this run and stays as it is.")

    def _report(self, problem: str) -> None:
        """Log a problem, once."""
        if problem not in self._reported:
            self._reported.add(problem)
            self._log.problem(problem)

    def _save_snapshot(self, paused: bool = False) -> None:
        training, model = self.training, self.training.model.to_trained()
        try:
            points = latent_points.compute(model, self._data.test, self._points)
        except VAELabError as error:  # The training can do without.
            points = None
            self._report(f"The map of z was not saved: {reason(error)}")
        self._points = points or self._points
        content = snapshots.columns_of(snapshots.render(model, self._data.test), points)
        self._log.snapshot(len(training.history), training.step, paused, **content)

    def _save_checkpoint(self) -> None:
        self._log.sync()  # What the database knows never ends before the checkpoint.
        training = self.training
        training.checkpoint(self.single_steps).save(self._run.folder / "checkpoint.safetensors")
        self._saved_at = time.monotonic()
        self._log.checkpoint_saved(len(training.history) + 1, training.step)

    def _pause(self) -> None:
        self._save_checkpoint()
        self._save_snapshot(paused=True)
        self._log.paused()

    def _should_yield_slot(self) -> bool:
        return bool(queue.ids()) or time.monotonic() > self._saved_at + MAX_PAUSE

    def _end(self) -> None:
        from vae.analysis.evaluation import with_metrics

        training, run = self.training, self._run
        self._save_checkpoint()
        self._log.measuring()
        watchdog.stop()  # This may take longer, for a large model.
        result = "no epoch was finished"
        if training.history and run.last.exists():
            last = with_metrics(weights.load(run.last), self._data)
            result = f"the model of epoch {len(last.history)} is saved"
            best = weights.load(run.best)
            is_last = len(best.history) == len(last.history)
            self._save_model(last, best=is_last)
            if not is_last:
                weights.save(run.best, with_metrics(best, self._data), run.id)
        if training.done:
            self._log.ended("finished", f"Finished; {result}.")
        else:
            self._log.ended("stopped", f"Stopped; {result}.")
