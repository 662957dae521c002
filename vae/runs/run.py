"""A run: one training, known to the database and with a folder for its files.

The folder holds
    checkpoint.safetensors  from where a worker resumes (`vae.training.checkpoint`)
    last, best.safetensors  the model of the last epoch, and of `RunHistory.best_epoch`
    lock                    held by the worker's process as long as it lives
    worker.log              what the worker's process printed
    reserve                 room on the disk for a last sentence (`vae.runs.log`)
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from vae import settings
from vae.database import writing
from vae.errors import ParamsError, RunError, WeightsError, os_error_message, os_errors_as
from vae.files import registry, weights
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX
from vae.runs import control, queue, snapshots
from vae.runs.history import history_of
from vae.runs.rows import change_state, has_worker, params_of, present_state, row_of, set_values
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status, message_of

MAX_TITLE, MAX_NOTE = 80, 2000
"""Characters."""


class Run:
    """A run, as its row was when it was read.

    What changes it raises a RunError if that cannot be written, and says why.

    Attributes:
        id: the model's name, and the time when the run was created.
        number: in the order of their creation.
        name: of its model.
        params: what it trains.
        title: what people call it.
        note: what people wrote about it.
        replaces: whether a file at `out` that the run did not write may be replaced.
        ships: whether it comes with the app and cannot be changed (`vae.runs.shipped`).
        ownership: to whom it belongs on a public server.
        pinned: whether its owner keeps it when another of theirs has to go.

    Raises:
        RunError: if its parameters are not valid in this version of the app.
    """

    ships = False

    def __init__(self, row: "Row[Any]") -> None:
        self.id: str = row.id
        self.number: int = row.number
        self.name: str = row.name
        self.params = params_of(row)
        self.title: str = row.title
        self.note: str = row.note
        self.ownership = Ownership(row.owner, row.shared)
        self.pinned: bool = row.pinned
        self.replaces: bool = row.replaces
        self._out: str = row.out

    # A list of thousands of runs needs none of these, and they take longer than the rest.
    @cached_property
    def out(self) -> Path:
        """A second file, besides `last`, where its model is saved after every epoch."""
        return Path(self._out)

    @cached_property
    def folder(self) -> Path:
        """Of its files."""
        return settings.RUNS / self.id

    @cached_property
    def last(self) -> Path:
        """The model of the last epoch."""
        return self.folder / f"last{SUFFIX}"

    @cached_property
    def best(self) -> Path:
        """The model of `RunHistory.best_epoch`."""
        return self.folder / f"best{SUFFIX}"

    def measured(self) -> Mapping[str, Any]:
        """The metrics of its last model on the test set; empty as long as it is trained."""
        try:
            return weights.load(self.last).metrics
        except WeightsError:
            return {}

    def status(self) -> Status:
        """Where the run is now.

        Raises:
            RunError: if it was deleted.
        """
        row = row_of(self.id)
        state, working, position = present_state(row), has_worker(self.id), 0
        if state == "queued":
            position = queue.position(self.id)
        message = message_of(row, state, working, position)
        requests = control.of_row(row)
        target = requests.target_epochs or row.epochs or self.params.epochs
        history = history_of(row)
        return Status(self.params, history, requests, state, message, working, position, target)

    def snapshots(self, paused: bool = False) -> list[Snapshot]:
        """What the model drew, in the order of the training; or when it was last paused."""
        return snapshots.of_run(self.number, paused)

    def snapshot(self, key: str) -> Snapshot:
        """The snapshot with that key.

        Raises:
            RunError: if there is none.
        """
        for found in (*self.snapshots(), *self.snapshots(paused=True)):
            if found.key == key:
                return found
        raise RunError(f"The run {self.id} has no such picture.")

    def request(self, **requests: Any) -> None:
        """Request something of the worker: see `vae.runs.control.change`."""
        try:
            control.change(self.id, **requests)
        except ParamsError as error:
            raise RunError(f"The run cannot be changed: {error}") from error
        except OSError as error:
            raise RunError(os_error_message("The run cannot be changed", error)) from error
        except ValueError as error:
            raise RunError("The run cannot be changed: a value is out of its bounds.") from error

    def stop(self) -> None:
        """Request a stop. A queued run is removed from the queue."""
        with os_errors_as(RunError, "The run cannot be stopped"), writing() as connection:
            self.request(desired_state="stop")
            if not queue.cancel(self.id):
                row = row_of(self.id)
                if row.state == "paused" and not has_worker(self.id):
                    change_state(connection, self.id, "stop_requested")

    def resume(self, target_epochs: int = 0, network: str = "") -> None:
        """Continue from the last checkpoint or, if it has a worker, after a pause.

        Args:
            target_epochs: how many there are to be in all; by default, as many as before.
            network: as in `vae.runs.queue.submit`.
        """
        target = {"target_epochs": target_epochs} if target_epochs else {}
        self._submit(network, desired_state="run", **target)

    def single_step(self, network: str = "") -> None:
        """Pause it, and then take one step of the optimizer.

        Args:
            network: as in `vae.runs.queue.submit`.
        """
        self._submit(network, desired_state="pause", single_steps=1)

    def submit(self) -> None:
        """Put it into the queue, unless it has a worker."""
        self._submit()

    def _submit(self, network: str = "", **requests: Any) -> None:
        with os_errors_as(RunError, "The run cannot be resumed"), writing():
            if requests:
                self.request(**requests)
            queue.submit(self.id, network)

    def describe(self, title: str, note: str) -> None:
        """Give it a title and a note."""
        self._describe(title=title.strip()[:MAX_TITLE] or self.name, note=note.strip()[:MAX_NOTE])

    def share(self, shared: bool) -> None:
        """Show it and its model to all visitors of a public server, or to its owner alone.

        Raises:
            RunError: if that cannot be written.
            WeightsError: if that cannot be saved of the model.
        """
        self._describe(shared=shared)
        names = registry.names_written_by(self.id)  # It may have been renamed.
        if self.out == (settings.MODELS / f"{self.name}{SUFFIX}").resolve():
            names.add(self.name)  # Before its first epoch there is no file.
        for name in names:
            if registry.ownership(name).owner == self.ownership.owner:
                registry.share(name, shared)

    def pin(self, pinned: bool) -> None:
        """Keep it when another run of its owner has to go."""
        self._describe(pinned=pinned)

    def _describe(self, **values: Any) -> None:
        with os_errors_as(RunError, "That cannot be written"), writing() as connection:
            set_values(connection, self.id, **values)

    def publish(self, which: Path, name: str) -> None:
        """Save its `last` or `best` model under that name, where the model picker finds it.

        It belongs to the owner of the run.

        Raises:
            WeightsError: if the name is taken or not fit for a model, or there is no model yet.
        """
        registry.add(weights.load(which), name, self.ownership.owner)
