"""Runs: trainings in the background, each a folder on disk that any server can watch.

A run's folder holds
    params.json             what is trained
    about.json              its title, its note, and where its model is saved besides
    events.jsonl            what happens, told by the trainer (`vae.history`)
    control.json            what is wanted of the trainer (`vae.control`)
    checkpoint.safetensors  from where a trainer goes on (`vae.checkpoint`)
    last, best.safetensors  the model of the last epoch, and of that with the lowest `val_loss`
    samples/                what the model drew at the end of each epoch
    lock                    held by the trainer while it lives
    trainer.log, last-words what it printed; what it could no longer tell
"""

import json
import shutil
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from vae import settings
from vae.errors import ParamsError, RunError
from vae.model.architecture import architecture
from vae.model.weights import SUFFIX, available, check_name, load, save
from vae.params import Params
from vae.runs import control, queue
from vae.runs.events import EventReader
from vae.runs.status import Status, state_of
from vae.storage import atomic_write, is_locked

LONGEST_TITLE, LONGEST_NOTE = 80, 2000


class Run:
    """A run, by its folder.

    Attributes:
        id: the folder's name: the model's name and the time it was started.
        name: of its model.
        params: what it trains.
        title: what people call it.
        note: what they have to say of it.
        out: where its model is saved at the end of every epoch, besides `last`; or None.

    Raises:
        RunError: if the folder holds no run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self.name = name_of(folder.name)
        try:
            self.params = _params(folder / "params.json")
        except (OSError, ParamsError) as error:
            raise RunError(f"{folder} holds no readable run: {error}") from error
        about = _about(folder)
        self.title, self.note = about.get("title") or self.name, about.get("note", "")
        self.out = Path(about["out"]) if about.get("out") else None
        self.last, self.best = (folder / f"{which}{SUFFIX}" for which in ("last", "best"))

    def status(self) -> Status:
        """Where the run is now, from its folder alone."""
        # These looks first: a run that ends in between has then told of its end.
        queue, working = queue.ids(), has_worker(self.id)
        history = _reader(self.folder / "events.jsonl").read()
        place = queue.index(self.id) + 1 if self.id in queue else 0
        state, message = state_of(self.folder, history, working, place)
        epochs = (
            control.read(self.folder).target_epochs or history.target_epochs or self.params.epochs
        )
        return Status(history, state, message, working, place, epochs)

    def samples(self) -> dict[int, Path]:
        """The picture of what the model drew, by epoch."""
        return {int(p.stem): p for p in sorted((self.folder / "samples").glob("[0-9]*.png"))}

    def request(self, **requests: Any) -> None:
        """Ask the trainer for something: see `vae.control.change`.

        Raises:
            RunError: if that cannot be asked for.
        """
        try:
            control.change(self.folder, **requests)
        except (OSError, ParamsError) as error:
            raise RunError(_sentence("The run cannot be steered", error)) from error

    def stop(self) -> None:
        """Have it stop; it keeps the last finished epoch. One that waits is taken out.

        Raises:
            RunError: if its folder cannot be written.
        """
        self.request(desired_state="stop")
        try:
            queue.remove(self.id)
        except OSError as error:
            raise RunError(_sentence("The run cannot be stopped", error)) from error

    def resume(self, target_epochs: int = 0) -> None:
        """Go on from the last checkpoint, or, if it is at work, from its pause.

        Args:
            target_epochs: how many there are to be in all; by default, as many as before.

        Raises:
            RunError: if its folder cannot be written.
        """
        self.request(
            desired_state="run", **({"target_epochs": target_epochs} if target_epochs else {})
        )
        self.enqueue()

    def single_step(self) -> None:
        """Pause it, and then take one step.

        Raises:
            RunError: if its folder cannot be written.
        """
        self.request(desired_state="pause", single_steps=1)
        self.enqueue()

    def enqueue(self) -> None:
        """Have it in the queue, unless it is at work.

        Raises:
            RunError: if the queue cannot be written.
        """
        if has_worker(self.id):
            return
        try:
            queue.add(self.id)
        except OSError as error:
            raise RunError(_sentence("The run cannot be resumed", error)) from error

    def describe(self, title: str, note: str) -> None:
        """Give it a title and a note.

        Raises:
            RunError: if they cannot be written.
        """
        about = _about(self.folder)
        about |= {"title": title.strip()[:LONGEST_TITLE], "note": note.strip()[:LONGEST_NOTE]}
        try:
            atomic_write(self.folder / "about.json", json.dumps(about))
        except OSError as error:
            raise RunError(_sentence("That cannot be written", error)) from error

    def publish(self, which: Path, name: str) -> None:
        """Save its `last` or `best` model under that name: it will be in the picker.

        Raises:
            RunError: if there is a model of that name.
            WeightsError: if the name is not fit for one, or there is no such model yet.
        """
        if check_name(name) in available():
            raise RunError(f"There is a model named {name!r} already; choose another name.")
        save(settings.MODELS / f"{name}{SUFFIX}", load(which))

    def delete(self) -> None:
        """Remove its folder; a model that was saved from it stays.

        Raises:
            RunError: if it is at work, or cannot be removed.
        """
        if has_worker(self.id):
            raise RunError("It is being trained; stop it first.")
        try:
            queue.remove(self.id)
            shutil.rmtree(self.folder)
        except OSError as error:
            raise RunError(_sentence("The run cannot be deleted", error)) from error


def has_worker(run_id: str) -> bool:
    """Whether a run's trainer is at work: it holds the lock for as long as it lives."""
    return is_locked(settings.RUNS / run_id / "lock")


def ids() -> list[str]:
    """Every run's id, the newest first."""
    return sorted((f.name for f in settings.RUNS.glob("[!.]*-*-*")), key=_stamp, reverse=True)


def get(run_id: str) -> Run:
    """The run with that id.

    Raises:
        RunError: if there is none that can be read.
    """
    return Run(settings.RUNS / run_id)


def name_of(run_id: str) -> str:
    """The name of the run's model."""
    return run_id.rsplit("-", 2)[0]


def free_name(wanted: str) -> str:
    """The first of wanted-1, wanted-2, … that no model and no run has."""
    taken = available().keys() | {name_of(run_id) for run_id in ids()}
    return next(name for i in range(1, 10**6) if (name := f"{wanted}-{i}") not in taken)


def create(
    params: Params, name: str, out: Path | None = None, queued: bool = False, paused: bool = False
) -> Run:
    """A new run that nobody trains yet.

    Args:
        name: of its model.
        out: where that is saved besides the run's folder; by default, where the picker finds it.
        queued: whether it waits for a worker.
        paused: whether it is to wait, before its first step, for `single_step` or `resume`.

    Raises:
        RunError: if the name is taken or the folder cannot be written.
        WeightsError: if the name is not fit for a model.
        ParamsError: if the model is too large.
    """
    check_name(name)
    architecture(params)
    try:
        settings.RUNS.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.RUNS / "lock", timeout=10):
            ids = queue.ids()
            busy = {
                name_of(i) for i in ids() if name_of(i) == name and (i in queue or has_worker(i))
            }
            if not out and (name in available() or busy):
                raise RunError(f"There is a model named {name!r} already; choose another name.")
            now = time.strftime("%Y%m%d-%H%M%S")
            newest = max(map(_stamp, ids()), default="")
            folder = settings.RUNS / f"{name}-{now if now > newest else _after(newest)}"
            new = folder.with_name(f".{folder.name}")  # There whole or not at all.
            about = {
                "title": name,
                "out": str((out or settings.MODELS / f"{name}{SUFFIX}").resolve()),
            }
            atomic_write(new / "about.json", json.dumps(about))
            atomic_write(new / "params.json", params.to_json())
            if paused:
                control.change(new, desired_state="pause")
            new.rename(folder)
            if queued:  # Before the lock is released: until then its name is nobody's.
                queue.add(folder.name)
    except OSError as error:
        raise RunError(_sentence("The run cannot be started", error)) from error
    return Run(folder)


def start(params: Params, name: str, paused: bool = False) -> Run:
    """A new run, put into the queue; see `create`."""
    return create(params, name, queued=True, paused=paused)


def _params(path: Path) -> Params:
    about = path.stat()
    return _params_of(path, about.st_mtime_ns, about.st_ino)


@lru_cache(maxsize=10_000)
def _params_of(path: Path, changed: int, inode: int) -> Params:
    return Params.from_json(path.read_text())


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "about.json"
    try:
        about = path.stat()
        return dict(_about_of(path, about.st_mtime_ns, about.st_ino))
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=10_000)
def _about_of(path: Path, changed: int, inode: int) -> dict[str, Any]:
    about = json.loads(path.read_text())
    return about if isinstance(about, dict) else {}


@lru_cache(maxsize=64)
def _reader(path: Path) -> EventReader:
    return EventReader(path)


def _stamp(run_id: str) -> str:
    return "-".join(run_id.rsplit("-", 2)[1:])


def _after(stamp: str) -> str:
    """A second later: the clock was set back, or two runs begin within a second."""
    try:
        later = time.mktime(time.strptime(stamp, "%Y%m%d-%H%M%S")) + 1
    except (ValueError, OverflowError):
        return time.strftime("%Y%m%d-%H%M%S")
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(later))


def _sentence(what: str, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return f"{what}: {reason.rstrip('.')}."
