"""Trainings in the background: each in a process of its own, each a folder on disk.

A run's folder holds `params.json`, `events.jsonl` (append-only, a JSON object a line: the
only channel from the trainer to those who watch), `trainer.log` (whatever the process
printed), `lock` (held by the trainer while it lives) and, once somebody asks for it, `stop`.
So a run outlives the page and the server that started it, and any server can watch it.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from filelock import FileLock, Timeout

from vae import paths
from vae.architecture import architecture
from vae.params import Params, ParamsError
from vae.weights import SUFFIX, available, check_name

State = Literal["starting", "running", "finished", "stopped", "failed", "killed"]
LIVE: tuple[State, ...] = ("starting", "running")

_START_SECONDS = 30


class RunError(Exception):
    """A run cannot be started or read; says why in a sentence."""


def workers() -> int:
    """How many runs may train at once: VAE_WORKERS, or one for each two cores."""
    try:
        return max(1, int(os.environ["VAE_WORKERS"]))
    except (KeyError, ValueError):
        return max(1, (os.cpu_count() or 1) // 2)


class Step(NamedTuple):
    """A point of the training curve: means over the steps since the point before it."""

    at: float
    epoch: int
    step: int
    steps: int
    loss: float
    recon: float
    kl: float
    cls: float
    examples_per_second: float
    consistency: float = 0.0

    @property
    def epochs_done(self) -> float:
        """How many epochs were done, the fraction of this one included."""
        return self.epoch - 1 + self.step / self.steps


@dataclass(frozen=True)
class Status:
    """What is known of a run at one moment.

    Attributes:
        state: `killed` means that its process ended without a word.
        message: what happened, in a sentence; empty while it is live.
        steps: the curve so far.
        epochs: what `Progress.trained.history` holds, an entry for each finished epoch.
    """

    state: State
    message: str
    steps: list[Step]
    epochs: list[dict[str, float]]

    @property
    def live(self) -> bool:
        """Whether its process is at work."""
        return self.state in LIVE

    @property
    def epochs_done(self) -> float:
        """How many epochs are done, the fraction of the current one included."""
        return self.steps[-1].epochs_done if self.steps else 0.0

    def seconds_left(self, epochs: int) -> float:
        """How long the rest will take at the pace so far; needs two steps."""
        first, last = self.steps[0], self.steps[-1]
        pace = (last.at - first.at) / (last.epochs_done - first.epochs_done)
        return pace * (epochs - last.epochs_done)


class Run:
    """A run, by its folder.

    Attributes:
        id: the folder's name: the model's name and the time it was started.
        name: under which its model is saved.
        params: what it trains.

    Raises:
        RunError: if the folder holds no run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self.name = name_of(folder.name)
        try:
            self.params = Params.from_json((folder / "params.json").read_text())
        except (OSError, ParamsError) as error:
            raise RunError(f"{folder} holds no readable run: {error}") from error

    @property
    def model(self) -> Path:
        """The weights file that the run writes at the end of every epoch."""
        return paths.MODELS / f"{self.name}{SUFFIX}"

    def status(self) -> Status:
        """Where the run is now, from its folder alone."""
        # Liveness first: a run that ends between the two looks has then written its last event.
        working = alive(self.id)
        steps: list[Step] = []
        epochs: list[dict[str, float]] = []
        state: State = "starting" if working else "killed"
        message = ""
        for event in self._events():
            kind, at = event.pop("event"), event.pop("at")
            if kind == "step":
                steps.append(Step(at=at, **event))
                state = "running" if working else "killed"
            elif kind == "epoch":
                epochs.append(event)
            elif kind in ("finished", "stopped", "failed"):
                state, message = kind, event["message"]
        if state == "killed":
            kept = f"the model of epoch {len(epochs)} is kept" if epochs else "nothing was learned"
            message = f"Its process ended without a word; {kept}."
        return Status(state, message, steps, epochs)

    def stop(self) -> None:
        """Ask the trainer to stop; it keeps the last finished epoch."""
        (self.folder / "stop").touch()

    def _events(self) -> Iterator[dict[str, Any]]:
        try:
            text = (self.folder / "events.jsonl").read_text()
        except OSError:
            return
        for line in text.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # A line that is being written, or whose writer was killed.
            if isinstance(event, dict) and {"event", "at"} <= event.keys():
                yield event


def alive(run_id: str) -> bool:
    """Whether a run's trainer is at work: it holds the lock for as long as it lives."""
    try:
        with FileLock(paths.RUNS / run_id / "lock", blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def ids() -> list[str]:
    """Every run's id, the newest first."""
    found = [folder.name for folder in paths.RUNS.glob("*-*-*")]
    return sorted(found, key=lambda run_id: run_id.rsplit("-", 2)[1:], reverse=True)


def get(run_id: str) -> Run:
    """The run with that id.

    Raises:
        RunError: if there is none that can be read.
    """
    return Run(paths.RUNS / run_id)


def name_of(run_id: str) -> str:
    """The name of the run's model."""
    return run_id.rsplit("-", 2)[0]


def start(params: Params, name: str) -> Run:
    """Begin to train in the background; the model is saved as `name`.

    Raises:
        RunError: if the name is taken, all workers are busy or the trainer does not start.
        WeightsError: if the name is not fit for a model.
        ParamsError: if the model is too large.
    """
    check_name(name)
    architecture(params)
    try:
        paths.RUNS.mkdir(parents=True, exist_ok=True)
        with FileLock(paths.RUNS / "lock"):
            live = [name_of(run_id) for run_id in ids() if alive(run_id)]
            if name in available() or name in live:
                raise RunError(f"There is a model named {name!r} already; choose another name.")
            if len(live) >= workers():
                raise RunError(
                    f"{live[0]!r} is being trained and this server trains "
                    f"{workers()} at a time; wait for it or stop it."
                )
            folder = paths.RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
            folder.mkdir()
            (folder / "params.json").write_text(params.to_json())
            _launch(folder)
    except OSError as error:
        raise RunError(f"The run cannot be started: {error.strerror or error}.") from error
    return Run(folder)


def _launch(folder: Path) -> None:
    with (folder / "trainer.log").open("wb") as log:
        trainer = subprocess.Popen(
            [sys.executable, "-m", "vae.runs", folder],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=trainer.wait, daemon=True).start()  # Leave no zombie behind.
    # From its first event on the trainer holds its lock, and is seen to live or not.
    events = folder / "events.jsonl"
    deadline = time.monotonic() + _START_SECONDS
    while not events.exists():
        if trainer.poll() is not None or time.monotonic() > deadline:
            trainer.kill()
            said = (folder / "trainer.log").read_text(errors="replace").strip().splitlines()
            raise RunError(f"The trainer did not start: {said[-1] if said else 'no reason given'}")
        time.sleep(0.01)


def execute(folder: Path) -> None:
    """Train the run in `folder`, in this process, until it ends or is asked to stop."""
    run = Run(folder)
    with FileLock(folder / "lock", timeout=10), (folder / "events.jsonl").open("a") as events:

        def tell(event: str, **details: Any) -> None:
            events.write(json.dumps({"event": event, "at": time.time(), **details}) + "\n")
            events.flush()

        tell("started", pid=os.getpid())
        try:
            epochs = _train(run, tell)
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            tell("failed", message=f"The training failed: {reason.splitlines()[0]}")
            raise
        stopped = epochs < run.params.epochs
        kept = f"the model of epoch {epochs} is saved" if epochs else "no epoch was finished"
        tell(
            "stopped" if stopped else "finished",
            message=f"{'Stopped' if stopped else 'Finished'}; {kept}.",
        )


def _train(run: Run, tell: Any) -> int:
    """The number of epochs that were finished."""
    from vae.data import load_mnist
    from vae.metrics import measured
    from vae.quiet import quiet
    from vae.weights import save

    if hasattr(os, "nice"):
        os.nice(10)  # The pages come first.
    with quiet():
        from vae.training import train

    data, trained = load_mnist(), None
    for progress in train(run.params, data):
        tell("step", **{name: getattr(progress, name) for name in Step._fields if name != "at"})
        if progress.trained:
            trained = progress.trained
            save(run.model, trained)
            tell("epoch", **trained.history[-1])
        if (run.folder / "stop").exists():
            break
    if not trained:
        return 0
    save(run.model, measured(trained, data))
    return len(trained.history)


if __name__ == "__main__":
    execute(Path(sys.argv[1]))
