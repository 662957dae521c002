"""A run: one training, with a folder of its own that any server can read.

A run's folder holds
    params.json             its parameters
    about.json              title, note, owner, and a second place where its model is saved
    events.jsonl            what happened, logged by its worker (`vae.runs.events`)
    control.json            what is requested of the worker (`vae.runs.control`)
    summary.json            the last state and figures, for lists (`vae.runs.summary`)
    checkpoint.safetensors  from where a worker resumes (`vae.training.checkpoint`)
    last, best.safetensors  the model of the last epoch, and of `RunHistory.best_epoch`
    samples/                what the model drew while it trained (`vae.runs.snapshots`), and where
                            test images lay in its latent space (`vae.runs.latent_points`)
    lock                    held by the worker's process as long as it lives
    worker.log              what the worker's process printed
    crash-record            a failure that could not be logged
"""

import json
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from vae import settings
from vae.errors import ParamsError, RunError, os_error_message
from vae.files import registry, weights
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX
from vae.params import Params
from vae.runs import control, queue, snapshots
from vae.runs.history import EventReader
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status, derive_state
from vae.storage import atomic_write, file_lock, is_locked, registry_lock

MAX_TITLE, MAX_NOTE = 80, 2000
"""Characters."""


class Run:
    """A run, by its folder.

    Attributes:
        folder: the run's folder.
        id: the folder's name: the model's name, and the time when the run was created.
        name: of its model.
        params: what it trains.
        title: what people call it.
        note: what people wrote about it.
        out: a second file, besides `last`, where its model is saved after every epoch; or None.
        replaces: whether a file at `out` that the run did not write may be replaced.
        last, best: the files of its models.
        ships: whether it comes with the app and cannot be changed (`vae.runs.shipped`).
        ownership: to whom it belongs on a public server.
        pinned: whether its owner keeps it when another of theirs has to go.

    Raises:
        RunError: if the folder holds no run that can be read.
    """

    ships = False
    ownership = Ownership()
    pinned = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self.name = registry.run_name(folder.name)
        try:
            self.params = _params(folder / "params.json")
            about = _about(folder)
            title, note, out = (about.get(key) or "" for key in ("title", "note", "out"))
            if not all(isinstance(text, str) for text in (title, note, out)):
                raise ValueError("about.json holds something other than text.")
            (title + note + out).encode()  # JSON may hold what is no text for a browser.
        except OSError as error:
            raise RunError(os_error_message(f"The run {self.id} cannot be read", error)) from error
        except (ValueError, TypeError, RecursionError) as error:
            reason = str(error) if isinstance(error, ParamsError) else "its folder is damaged."
            raise RunError(f"The run {self.id} cannot be read: {reason}") from error
        self.title, self.note = title or self.name, note
        self.ownership, self.pinned = _ownership(about), about.get("pinned") is True
        self.out = Path(out) if out else None
        self.replaces = about.get("replaces") is True
        self.last, self.best = (folder / f"{which}{SUFFIX}" for which in ("last", "best"))

    def status(self) -> Status:
        """Where the run is now, from its folder alone."""
        # These two before the log: a run that ends in between has then logged its end.
        position, working = queue.position(self.id), has_worker(self.id)
        history = _reader(self.folder / "events.jsonl").read()
        requests = control.read(self.folder)
        state, message = derive_state(self.folder, history, requests, working, position)
        target = requests.target_epochs or history.target_epochs or self.params.epochs
        return Status(self.params, history, requests, state, message, working, position, target)

    def snapshots(self) -> list[Snapshot]:
        """What the model drew, in the order of the training."""
        return snapshots.in_folder(self.folder / "samples")

    def snapshot_now(self, epoch: int, step: int) -> Snapshot:
        """What the model drew when the training was last paused, which was then."""
        return snapshots.from_file(self.folder / "samples" / snapshots.NOW, epoch, step)

    def request(self, **requests: Any) -> None:
        """Request something of the worker: see `vae.runs.control.change`.

        Raises:
            RunError: if that cannot be requested.
        """
        try:
            control.change(self.folder, **requests)
        except OSError as error:
            raise RunError(os_error_message("The run cannot be changed", error)) from error
        except ParamsError as error:
            raise RunError(f"The run cannot be changed: {error}") from error
        except ValueError as error:
            raise RunError("The run cannot be changed: a value is out of its bounds.") from error

    def stop(self) -> None:
        """Request a stop. A queued run is removed from the queue.

        Raises:
            RunError: if its folder cannot be written.
        """
        self.request(desired_state="stop")
        try:
            queue.cancel(self.id)
        except OSError as error:
            raise RunError(os_error_message("The run cannot be stopped", error)) from error

    def resume(self, target_epochs: int = 0) -> None:
        """Continue from the last checkpoint or, if it has a worker, after a pause.

        Args:
            target_epochs: how many there are to be in all; by default, as many as before.

        Raises:
            RunError: if its folder cannot be written.
        """
        target = {"target_epochs": target_epochs} if target_epochs else {}
        self.request(desired_state="run", **target)
        self.submit()

    def single_step(self) -> None:
        """Pause it, and then take one step of the optimizer.

        Raises:
            RunError: if its folder cannot be written.
        """
        self.request(desired_state="pause", single_steps=1)
        self.submit()

    def submit(self) -> None:
        """Put it into the queue, unless it has a worker.

        Raises:
            RunError: if the queue cannot be written.
        """
        if has_worker(self.id):
            return
        try:
            queue.submit(self.id)
        except OSError as error:
            raise RunError(os_error_message("The run cannot be resumed", error)) from error

    def describe(self, title: str, note: str) -> None:
        """Give it a title and a note.

        Raises:
            RunError: if they cannot be written.
        """
        self._change_about(title=title.strip()[:MAX_TITLE], note=note.strip()[:MAX_NOTE])

    def share(self, shared: bool) -> None:
        """Show it and its model to all visitors of a public server, or to its owner alone.

        Raises:
            RunError: if that cannot be written.
            WeightsError: if that cannot be saved of the model.
        """
        self._change_about(shared=shared)
        names = registry.names_written_by(self.id)  # It may have been renamed.
        if self.out == (settings.MODELS / f"{self.name}{SUFFIX}").resolve():
            names.add(self.name)  # Before its first epoch there is no file.
        for name in names:
            if registry.ownership(name).owner == self.ownership.owner:
                registry.share(name, shared)

    def pin(self, pinned: bool) -> None:
        """Keep it when another run of its owner has to go.

        Raises:
            RunError: if that cannot be written.
        """
        self._change_about(pinned=pinned)

    def _change_about(self, **values: Any) -> None:
        try:
            with registry_lock():
                about = _about(self.folder) | values
                atomic_write(self.folder / "about.json", json.dumps(about))
        except OSError as error:
            raise RunError(os_error_message("That cannot be written", error)) from error
        except (ValueError, RecursionError) as error:
            raise RunError("That cannot be written: about.json is damaged.") from error

    def publish(self, which: Path, name: str) -> None:
        """Save its `last` or `best` model under that name, where the model picker finds it.

        It belongs to the owner of the run.

        Raises:
            WeightsError: if the name is taken or not fit for a model, or there is no model yet.
        """
        registry.add(weights.load(which), name, self.ownership.owner)

    def delete(self) -> None:
        """Delete its folder; a model that was saved from it stays.

        Raises:
            RunError: if it has a worker, or cannot be deleted.
        """
        delete(self.id)


def ownership(run_id: str) -> Ownership:
    """To whom the run of that id belongs; to nobody if it is missing or damaged."""
    path = f"{settings.RUNS}/{run_id}/about.json"  # A Path would take longer than the rest.
    try:
        about = os.stat(path)  # noqa: PTH116
        return _ownership_of(path, about.st_mtime_ns, about.st_ino)
    except (OSError, ValueError, RecursionError):
        return Ownership()


def pinned(run_id: str) -> bool:
    """Whether the owner of the run of that id keeps it; that is known of a damaged one, too."""
    try:
        return _about(settings.RUNS / run_id).get("pinned") is True
    except (OSError, ValueError, RecursionError):
        return False


def has_worker(run_id: str) -> bool:
    """Whether a process works on a run: it holds the lock as long as it lives."""
    return is_locked(settings.RUNS / run_id / "lock")


def delete(run_id: str) -> None:
    """Delete the folder of a run, even a damaged one.

    A worker takes a run's lock under the same registry lock and only while the folder exists:
    a run that is just being handed out is either working, or gone for that worker too.

    Raises:
        RunError: if it has a worker, or cannot be deleted.
    """
    folder = settings.RUNS / run_id
    hidden = folder.with_name(f".deleted-{run_id}")
    try:
        with registry_lock():
            if has_worker(run_id):
                raise RunError("It is being trained; stop it first.")
            queue.cancel(run_id)
            with file_lock(folder / "lock", seconds=1):
                folder.rename(hidden)
        shutil.rmtree(hidden)
    except OSError as error:
        raise RunError(os_error_message("The run cannot be deleted", error)) from error


def _params(path: Path) -> Params:
    about = path.stat()
    return _params_of(path, about.st_mtime_ns, about.st_ino)


@lru_cache(maxsize=10_000)
def _params_of(path: Path, changed: int, inode: int) -> Params:
    return Params.from_json(path.read_text(encoding="utf-8"))


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "about.json"
    try:
        about = path.stat()
    except FileNotFoundError:
        return {}
    return dict(_about_of(path, about.st_mtime_ns, about.st_ino))


@lru_cache(maxsize=10_000)
def _about_of(path: Path, changed: int, inode: int) -> dict[str, Any]:
    about = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(about, dict):
        raise ValueError("about.json holds no object.")
    return about


def _ownership(about: dict[str, Any]) -> Ownership:
    owner = about.get("owner")
    return Ownership(owner if isinstance(owner, str) else "", about.get("shared") is True)


@lru_cache(maxsize=10_000)
def _ownership_of(path: str, changed: int, inode: int) -> Ownership:
    return _ownership(_about_of(Path(path), changed, inode))


@lru_cache(maxsize=32)
def _reader(path: Path) -> EventReader:
    return EventReader(path)
