"""What a worker writes into the database about its run."""

import os
import platform
import time
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select

from vae.database import changes, epochs, points, problems, runs, snapshots, writing
from vae.runs.rows import change_state, row_of, set_values
from vae.runs.states import WORKING, State
from vae.training.progress import Point, Validation

_RESERVE_BYTES = 256_000


class RunLog:
    """Writes about one run, whose lock is held. Each call is one transaction.

    All methods raise a DatabaseError if that cannot be written, and a RunError if the run cannot
    be in that state.

    Args:
        run_id: of the run.
        folder: of the run. A file there reserves the room on the disk in which a failure can be
            written down when the disk is full.
    """

    def __init__(self, run_id: str, folder: Path) -> None:
        self._id, self._number, self._folder = run_id, row_of(run_id).number, folder
        self._state: State = "queued"  # As if: the time until it has started is nobody's.
        self._at = time.monotonic()
        self._reserve = folder / "reserve"
        if not self._reserve.exists():
            self._reserve.write_bytes(bytes(_RESERVE_BYTES))

    def worker_started(self) -> None:
        """The run leaves the queue: this process trains it."""
        where: dict[str, Any] = {"pid": os.getpid(), "host": platform.node()}
        workers = runs.c.workers + 1
        self._write("worker_started", place=None, message="", workers=workers, **where)

    def training_started(self, epoch: int, step: int, steps: int, target: int) -> None:
        """The training starts at this step: what an earlier worker wrote of later ones is deleted.

        Args:
            epoch: the present one, from 1.
            step: how many steps of it are done.
            steps: how many it has.
            target: how many epochs there are to be.
        """
        fresh = epoch == 1 and not step  # Then the untrained model is measured again.
        finished = epoch - 1
        now_on = and_(points.c.epoch == epoch, points.c.step > step)
        later: dict[Table, ColumnElement[bool]] = {
            points: or_(points.c.epoch > epoch, now_on),
            epochs: epochs.c.epoch >= (0 if fresh else epoch),
            changes: changes.c.epochs_done > finished + step / steps + 1e-9,
            snapshots: or_(
                snapshots.c.epoch > finished,
                and_(snapshots.c.epoch == finished, snapshots.c.step > step),
            ),
        }
        with writing() as connection:
            for table, is_later in later.items():
                connection.execute(delete(table).where(table.c.run == self._number, is_later))
            self._write(cuts=runs.c.cuts + 1, epochs=target)

    def point(self, point: Point) -> None:
        """A point of the training curve."""
        row = {name: getattr(point, name) for name in Point.__slots__}
        self._write("point", points, row)

    def epoch(self, figures: dict[str, float], validation: Validation) -> None:
        """An epoch was validated; epoch 0 is the model before it has learned anything."""
        measured = {
            "kl_per_dimension": validation.kl_per_dimension,
            "active": validation.active,
            "confusion": validation.confusion,
        }
        row = {"epoch": int(figures["epoch"]), "figures": figures, **measured}
        self._write("", epochs, row, figures=figures)

    def snapshot(self, epoch: int, step: int, paused: bool, **content: Any) -> None:
        """What the model draws and where images lie now; of pauses, only the last is kept.

        Args:
            epoch: how many are finished.
            step: how many steps of the next one are done.
            paused: whether it is that of a pause.
            **content: the other columns.
        """
        row = {"epoch": epoch, "step": step, "paused": paused, **content}
        same = and_(snapshots.c.epoch == epoch, snapshots.c.step == step)
        before = snapshots.c.paused if paused else and_(~snapshots.c.paused, same)
        with writing() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.run == self._number, before))
            self._write("", snapshots, row)

    def param_changed(self, epochs_done: float, param: str, value: float) -> None:
        """A live parameter has another value from here on."""
        row = {"epochs_done": epochs_done, "param": param, "value": value}
        self._write("", changes, row)

    def target_epochs(self, target: int) -> None:
        """There are to be this many epochs in all."""
        self._write(epochs=target)

    def problem(self, message: str) -> None:
        """Something that people should know did not stop the training."""
        self._write("", problems, {"message": message})

    def checkpoint_saved(self, epoch: int, step: int) -> None:
        """A resumed run would go on from here; the sizes of its files and snapshots are known."""
        length = func.length(snapshots.c.png) + func.coalesce(func.length(snapshots.c.points), 0)
        with writing() as connection:
            of_run = select(func.sum(length)).where(snapshots.c.run == self._number)
            drawn = connection.scalar(of_run) or 0
            files = sum(path.stat().st_size for path in self._folder.iterdir())
            self._write(bytes=drawn + files, checkpoint_epoch=epoch, checkpoint_step=step)

    def sync(self) -> None:
        """Make all that was written survive a power cut."""
        with writing(durable=True):
            self._write()

    def paused(self) -> None:
        """It waits, before the next step."""
        self._write("paused")

    def resumed(self) -> None:
        """It continues after a pause."""
        self._write("resumed")

    def measuring(self) -> None:
        """The training is over; its models are measured on the test set."""
        self._write("measuring")

    def ended(self, how: State, message: str) -> None:
        """It ended: it is `finished`, `stopped` or `failed`."""
        try:
            self._write(how, message=message, place=None)
        except OSError:
            if how != "failed":
                raise
            self._reserve.unlink(missing_ok=True)
            self._write(how, message=message, place=None)

    def _write(
        self, trigger: str = "", table: Table | None = None, row: Any = None, **values: Any
    ) -> None:
        """Change the state if there is a trigger, add a row if there is a table, set columns."""
        now, state = time.monotonic(), self._state
        if state in WORKING:
            values["seconds"] = runs.c.seconds + (now - self._at)
        with writing() as connection:
            if trigger:
                state = change_state(connection, self._id, trigger, **values)
            elif values:
                set_values(connection, self._id, **values)
            if table is not None:
                connection.execute(insert(table).values(run=self._number, **row))
        self._state, self._at = state, now
