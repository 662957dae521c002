"""The training of a run under its requests: when it pauses and ends, what it logs and saves."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vae.errors import RunError, VAELabError
from vae.files import registry, weights
from vae.model.numpy_model import TrainedVAE
from vae.runs import control, events, latent_points, queue, snapshots, watchdog
from vae.runs.history import slot
from vae.runs.run import Run
from vae.runs.summary import RunLog
from vae.storage import atomic_write, delete_temporary_files
from vae.training import compile_cache
from vae.training.checkpoint import Checkpoint
from vae.training.progress import Point, Progress, Validation, merge_points

if TYPE_CHECKING:
    from vae.training.loop import Training

CHECKPOINT_INTERVAL = 20
"""Seconds after a checkpoint until the next one is due; one is also saved after every epoch."""

MAX_PAUSE = 300
"""Seconds that a paused worker keeps its slot, if no other run waits for it."""

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
        log: its log.
        hold_slot: whether a paused run waits here, or ends to let another run have its slot.

    Attributes:
        training: the training, from the first step on.
        single_steps: how many single steps were taken or are void, of those ever requested.
    """

    def __init__(self, run: Run, log: RunLog, hold_slot: bool) -> None:
        self._run, self._log, self._hold_slot = run, log, hold_slot
        self._requests = control.ControlReader(run.folder)
        self._reported: set[str] = set()
        self._compiled = False
        self._saved_at = 0.0
        self.single_steps = 0
        self._pending: list[tuple[Point, int]] = []
        self._pending_from = 0
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
                    self._log.append(events.Resumed)
                if self.training.done:
                    break
                yield from self._advance()
        except GeneratorExit:
            control.change(self._run.folder, desired_state="stop")
            self._end()
            raise
        self._end()

    def _start(self) -> None:
        from vae.data.mnist import mnist
        from vae.training.quiet import quiet

        delete_temporary_files(self._run.folder, exclude=("control", "about"))  # Pages write these.
        checkpoint = Checkpoint.load(self._run.folder / "checkpoint.safetensors")
        with quiet():
            from vae.training.loop import Training
        self._data = mnist()
        self.training = training = Training(self._run.params, self._data, checkpoint)
        if checkpoint:
            self.single_steps = checkpoint.position.single_steps
        self._log.append(
            events.TrainingStarted,
            epoch=len(training.history) + 1,
            step=training.step,
            steps=training.steps,
        )
        self._log.append(events.TargetEpochs, epochs=training.target_epochs)
        self._pending_from = training.step
        if not self._epochs_done:
            validation = training.validate_untrained(UNTRAINED_IMAGES)
            self._log_epoch({"epoch": 0, **validation.figures}, validation)
            self._save_snapshot(snapshots.file_name(0))
        self._saved_at = time.monotonic()

    @property
    def _epochs_done(self) -> float:
        return len(self.training.history) + self.training.step / self.training.steps

    def _apply_requests(self) -> control.Control:
        """Read the requests, apply what changes the training, and log it."""
        if not (self._run.folder / "lock").exists():
            raise RunError("The folder of the run was deleted.")
        requests, training = self._requests.read(), self.training
        if requests.problem:
            self._report(requests.problem)
        for param, value in requests.live_params.items():
            if training.live_params[param] != value:
                training.set_live(param, value)
                self._log.append(
                    events.ParamChanged, epochs_done=self._epochs_done, param=param, value=value
                )
        if requests.target_epochs and requests.target_epochs != training.target_epochs:
            training.set_target_epochs(requests.target_epochs)
            self._log.append(events.TargetEpochs, epochs=requests.target_epochs)
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
            self._save_snapshot(snapshots.file_name(0, self.training.step))
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
        last = self._log.history.points[-1] if self._log.history.points else None
        if single or not last or slot(last) != slot(point) or point.step == point.steps:
            merged = merge_points(*zip(*self._pending, strict=True))
            self._pending = []
            self._log.append(
                events.TrainingPoint, **{name: getattr(merged, name) for name in Point.__slots__}
            )

    def _log_epoch(self, figures: dict[str, float], validation: Validation) -> None:
        self._log.append(
            events.EpochFinished,
            figures=figures,
            kl_per_dimension=validation.kl_per_dimension,
            active=validation.active,
            confusion=validation.confusion,
        )

    def _finish_epoch(self, trained: TrainedVAE, validation: Validation) -> None:
        """Log the epoch and save what the model is and draws after it."""
        self._log_epoch(trained.history[-1], validation)
        epoch = len(trained.history)
        self._save_snapshot(snapshots.file_name(epoch))
        self._save_model(trained, best=self._log.history.best_epoch == epoch)
        self._save_checkpoint()

    def _save_model(self, model: TrainedVAE, best: bool) -> None:
        run = self._run
        if best:
            weights.save(run.best, model, run.id)
        weights.save(run.last, model, run.id)
        if run.out and not registry.save_for_run(run.out, model, run.id, run.replaces):
            self._report(f"{run.out.name} was not written by this run and stays as it is.")

    def _report(self, problem: str) -> None:
        """Log a problem, once."""
        if problem not in self._reported:
            self._reported.add(problem)
            self._log.append(events.Problem, message=problem)

    def _save_snapshot(self, name: str) -> None:
        folder = self._run.folder / "samples"
        folder.mkdir(exist_ok=True)
        model, path = self.training.model.to_trained(), folder / name
        # The picture is what makes it a snapshot, so it comes last.
        self._save_points(model, path.with_suffix(latent_points.SUFFIX))
        atomic_write(path, snapshots.render(model, self._data.test))

    def _save_points(self, model: TrainedVAE, path: Path) -> None:
        """Save where test images lie in the latent space; the training can do without it."""
        now = len(self.training.history), self.training.step
        earlier = [s.points for s in snapshots.in_folder(path.parent) if s[:2] < now]
        try:
            before = latent_points.newest(earlier)
            points = latent_points.compute(model, self._data.test, before)
            latent_points.save(path, points)
        except (OSError, ValueError, VAELabError) as error:
            self._report(f"The map of z was not saved: {reason(error)}")

    def _save_checkpoint(self) -> None:
        self._log.sync()  # The log never ends before the checkpoint.
        training = self.training
        training.checkpoint(self.single_steps).save(self._run.folder / "checkpoint.safetensors")
        self._saved_at = time.monotonic()
        self._log.append(
            events.CheckpointSaved, epoch=len(training.history) + 1, step=training.step
        )

    def _pause(self) -> None:
        self._save_checkpoint()
        self._save_snapshot(snapshots.NOW)
        self._log.append(events.Paused)

    def _should_yield_slot(self) -> bool:
        return bool(queue.ids()) or time.monotonic() > self._saved_at + MAX_PAUSE

    def _end(self) -> None:
        from vae.analysis.evaluation import with_metrics

        training, run = self.training, self._run
        self._save_checkpoint()
        self._log.append(events.Measuring)
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
            self._log.append(events.Finished, message=f"Finished; {result}.")
        else:
            self._log.append(events.Stopped, message=f"Stopped; {result}.")
