"""The worker of a run: trains what its folder says, logs what happens, applies requests.

However it ends, be it by a crash, the folder holds a checkpoint from which another worker goes
on to the same final model.
"""

import contextlib
import os
import platform
import time
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vae import settings
from vae.errors import RunBusyError, RunError, VAELabError
from vae.model import registry, weights
from vae.model.numpy_model import TrainedVAE
from vae.runs import control, events, latent_points, queue, snapshots, watchdog
from vae.runs.history import slot
from vae.runs.run import Run
from vae.runs.states import ENDINGS
from vae.runs.summary import RunLog
from vae.storage import atomic_write, delete_temporary_files, file_lock, registry_lock
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


def work_in_process(run_id: str) -> None:
    """Train a run in this process, made for it: what it prints goes to `worker.log`.

    Raises:
        RunError: as `work`.
    """
    Run(settings.RUNS / run_id)
    with (settings.RUNS / run_id / "worker.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        watchdog.start(log, settings.worker_timeout())
        compile_cache.enable()
        work(run_id)


def work(run_id: str) -> None:
    """Train a run in this process, unless it has ended; wait for a worker that still has it.

    A cluster hands a run out again when it believes its worker to be lost. That worker may live
    on, and may have ended the run.

    Raises:
        RunError: if the run was deleted or cannot be read.
    """
    run = Run(settings.RUNS / run_id)
    while True:
        while (status := run.status()).has_worker:
            watchdog.renew()
            time.sleep(_POLL_INTERVAL)
        if status.state in ENDINGS:
            return
        with contextlib.suppress(RunBusyError):  # Another worker was quicker.
            deque(run_training(run), maxlen=0)
            return


def run_training(run: Run, hold_slot: bool = False) -> Generator[Progress, None, None]:
    """Train a run in this process until it ends or is asked to stop; close it to stop.

    Args:
        run: the run.
        hold_slot: whether a paused run waits here. If not, it gives its slot to a run that
            waits in the queue; it can be submitted again.

    Raises:
        RunBusyError: if the run has a worker already.
        RunError: if it was deleted.
        VAELabError: if the training fails; the log has the reason, too.
    """
    with _run_lock(run):
        log = RunLog(run.folder)
        worker = _Worker(run, log, hold_slot)
        try:
            log.append(events.WorkerStarted, pid=os.getpid(), host=platform.node())
            log.sync()
            queue.acknowledge(run.id)
            yield from worker.work()
        except Exception as error:
            log.append(events.Failed, message=f"The training failed: {_reason(error)}")
            raise
        finally:
            log.close()
    if _has_unmet_request(run, worker):
        queue.submit(run.id)


def _has_unmet_request(run: Run, worker: "_Worker") -> bool:
    """Whether something was requested after the worker last read the requests."""
    status = run.status()
    requests = status.control
    match status.state:
        case "paused":
            single_step = requests.single_steps > worker.single_steps
            return requests.desired_state == "run" or (
                requests.desired_state == "pause" and single_step
            )
        case "stopped":
            return requests.desired_state == "run"
        case "finished":
            done = len(worker.training.history)
            return requests.desired_state == "run" and requests.target_epochs > done
    return False


@contextlib.contextmanager
def _run_lock(run: Run) -> Iterator[None]:
    """Hold a run's lock, taken while its folder cannot be deleted."""
    with contextlib.ExitStack() as stack:
        with registry_lock():
            try:
                stack.enter_context(file_lock(run.folder / "lock", seconds=2))
            except FileNotFoundError:
                raise RunError(f"The run {run.id} was deleted.") from None
            except TimeoutError:
                raise RunBusyError(f"{run.id} is being trained already.") from None
        yield


def record_failure(run_id: str, error: BaseException) -> None:
    """Log that a worker could not start a run, unless the run or its folder says otherwise.

    Raises:
        OSError: if the log cannot be written.
    """
    try:
        run = Run(settings.RUNS / run_id)
        with _run_lock(run):
            log = RunLog(run.folder)
            with contextlib.closing(log):
                log.append(events.Failed, message=f"No worker could start it: {_reason(error)}")
    except RunError:
        return  # It was deleted, or another worker has it.


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:500].rstrip(".") + "."


class _Worker:
    def __init__(self, run: Run, log: RunLog, hold_slot: bool) -> None:
        self.run, self.log, self.hold_slot = run, log, hold_slot
        self.requests = control.ControlReader(run.folder)
        self.reported: set[str] = set()
        self.compiled = False
        self.saved_at = 0.0
        self.single_steps = 0
        self.pending: list[tuple[Point, int]] = []
        self.pending_from = 0
        self.training: Training

    def work(self) -> Iterator[Progress]:
        self.start()
        paused = False
        try:
            while True:
                watchdog.renew()
                requests = self.apply_requests()
                if requests.desired_state == "stop":
                    break
                if requests.desired_state == "pause":
                    if not paused:
                        paused = True
                        self.pause()
                    if requests.single_steps > self.single_steps and not self.training.done:
                        self.single_steps += 1
                        yield from self.single_step()
                        self.pause()
                    elif not self.hold_slot and self.should_yield_slot():
                        return
                    else:
                        time.sleep(_POLL_INTERVAL)
                    continue
                self.single_steps = requests.single_steps
                if paused:
                    paused = False
                    self.log.append(events.Resumed)
                if self.training.done:
                    break
                yield from self.advance()
        except GeneratorExit:
            control.change(self.run.folder, desired_state="stop")
            self.end()
            raise
        self.end()

    def start(self) -> None:
        from vae.data.mnist import mnist
        from vae.training.quiet import quiet

        delete_temporary_files(self.run.folder, but=("control", "about"))  # Pages write these.
        checkpoint = Checkpoint.load(self.run.folder / "checkpoint.safetensors")
        with quiet():
            from vae.training.loop import Training
        self.data = mnist()
        self.training = training = Training(self.run.params, self.data, checkpoint)
        if checkpoint:
            self.single_steps = checkpoint.position.single_steps
        self.log.append(
            events.TrainingStarted,
            epoch=len(training.history) + 1,
            step=training.step,
            steps=training.steps,
        )
        self.log.append(events.TargetEpochs, epochs=training.target_epochs)
        self.pending_from = training.step
        if not self.epochs_done:
            validation = training.validate_untrained(UNTRAINED_IMAGES)
            self.log_epoch({"epoch": 0, **validation.figures}, validation)
            self.save_snapshot(snapshots.file_name(0))
        self.saved_at = time.monotonic()

    @property
    def epochs_done(self) -> float:
        return len(self.training.history) + self.training.step / self.training.steps

    def apply_requests(self) -> control.Control:
        """Read the requests, apply what changes the training, and log it."""
        if not (self.run.folder / "lock").exists():
            raise RunError("The folder of the run was deleted.")
        requests, training = self.requests.read(), self.training
        if requests.problem:
            self.report(requests.problem)
        for param, value in requests.live_params.items():
            if training.live_params[param] != value:
                training.set_live(param, value)
                self.log.append(
                    events.ParamChanged, epochs_done=self.epochs_done, param=param, value=value
                )
        if requests.target_epochs and requests.target_epochs != training.target_epochs:
            training.set_target_epochs(requests.target_epochs)
            self.log.append(events.TargetEpochs, epochs=requests.target_epochs)
        return requests

    def advance(self, max_steps: int | None = None) -> Iterator[Progress]:
        """Some steps of the optimizer or, after the last of an epoch, a part of its validation."""
        if self.training.epoch_complete:
            progress = self.training.validate_batch()
            if progress and progress.trained and progress.validation:
                self.finish_epoch(progress.trained, progress.validation)
                yield progress
            return
        progress = self.training.advance(max_steps or self.steps_to_snapshot())
        if not self.compiled:
            self.compiled = True
            compile_cache.keep()
        self.log_point(progress.point, single=max_steps is not None)
        if not self.training.history and self.training.step in snapshots.EARLY_STEPS:
            self.save_snapshot(snapshots.file_name(0, self.training.step))
        if time.monotonic() > self.saved_at + CHECKPOINT_INTERVAL:
            self.save_checkpoint()
        yield progress

    def steps_to_snapshot(self) -> int | None:
        """How many steps there are to the next snapshot of the first epoch; None without one."""
        if self.training.history:
            return None
        done = self.training.step
        return next((step - done for step in snapshots.EARLY_STEPS if step > done), None)

    def single_step(self) -> Iterator[Progress]:
        """One step of the optimizer; before or after it, the validation of a completed epoch."""
        yield from self.validate()
        if not self.training.done:
            yield from self.advance(1)
            yield from self.validate()

    def validate(self) -> Iterator[Progress]:
        """The validation, if all steps of the epoch are done."""
        while self.training.epoch_complete:
            yield from self.advance()

    def log_point(self, point: Point, single: bool) -> None:
        """Log a point, merged with those before it that were too many to be logged."""
        self.pending.append((point, point.step - self.pending_from))
        self.pending_from = point.step % point.steps
        last = self.log.history.points[-1] if self.log.history.points else None
        if single or not last or slot(last) != slot(point) or point.step == point.steps:
            merged = merge_points(*zip(*self.pending, strict=True))
            self.pending = []
            self.log.append(
                events.TrainingPoint, **{name: getattr(merged, name) for name in Point.__slots__}
            )

    def log_epoch(self, figures: dict[str, float], validation: Validation) -> None:
        self.log.append(
            events.EpochFinished,
            figures=figures,
            kl_per_dimension=validation.kl_per_dimension,
            active=validation.active,
            confusion=validation.confusion,
        )

    def finish_epoch(self, trained: TrainedVAE, validation: Validation) -> None:
        """Log the epoch and save what the model is and draws after it."""
        self.log_epoch(trained.history[-1], validation)
        epoch = len(trained.history)
        self.save_snapshot(snapshots.file_name(epoch))
        self.save_model(trained, best=self.log.history.best_epoch == epoch)
        self.save_checkpoint()

    def save_model(self, model: TrainedVAE, best: bool) -> None:
        run = self.run
        if best:
            weights.save(run.best, model, run.id)
        weights.save(run.last, model, run.id)
        if run.out and not registry.save_for_run(run.out, model, run.id, run.replaces):
            self.report(f"{run.out.name} was not written by this run and stays as it is.")

    def report(self, problem: str) -> None:
        """Log a problem, once."""
        if problem not in self.reported:
            self.reported.add(problem)
            self.log.append(events.Problem, message=problem)

    def save_snapshot(self, name: str) -> None:
        folder = self.run.folder / "samples"
        folder.mkdir(exist_ok=True)
        model, path = self.training.model.to_trained(), folder / name
        # The picture is what makes it a snapshot, so it comes last.
        self.save_points(model, path.with_suffix(latent_points.SUFFIX))
        atomic_write(path, snapshots.render(model, self.data.test))

    def save_points(self, model: TrainedVAE, path: Path) -> None:
        """Save where test images lie in the latent space; the training can do without it."""
        now = len(self.training.history), self.training.step
        earlier = [s.points for s in snapshots.in_folder(path.parent) if s[:2] < now]
        try:
            before = latent_points.newest(earlier)
            points = latent_points.of_model(model, self.data.test, before)
            latent_points.save(path, points)
        except (OSError, ValueError, VAELabError) as error:
            self.report(f"The map of z was not saved: {_reason(error)}")

    def save_checkpoint(self) -> None:
        self.log.sync()  # The log never ends before the checkpoint.
        training = self.training
        training.checkpoint(self.single_steps).save(self.run.folder / "checkpoint.safetensors")
        self.saved_at = time.monotonic()
        self.log.append(events.CheckpointSaved, epoch=len(training.history) + 1, step=training.step)

    def pause(self) -> None:
        self.save_checkpoint()
        self.save_snapshot(snapshots.NOW)
        self.log.append(events.Paused)

    def should_yield_slot(self) -> bool:
        return bool(queue.ids()) or time.monotonic() > self.saved_at + MAX_PAUSE

    def end(self) -> None:
        from vae.evaluation import with_metrics

        training, run = self.training, self.run
        self.save_checkpoint()
        self.log.append(events.Measuring)
        watchdog.stop()  # This may take longer, for a large model.
        result = "no epoch was finished"
        if training.history and run.last.exists():
            last = with_metrics(weights.load(run.last), self.data)
            result = f"the model of epoch {len(last.history)} is saved"
            best = weights.load(run.best)
            is_last = len(best.history) == len(last.history)
            self.save_model(last, best=is_last)
            if not is_last:
                weights.save(run.best, with_metrics(best, self.data), run.id)
        if training.done:
            self.log.append(events.Finished, message=f"Finished; {result}.")
        else:
            self.log.append(events.Stopped, message=f"Stopped; {result}.")
