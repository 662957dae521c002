"""The history of a run: all that its workers have measured."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Row, Table, select

from vae import database
from vae.database import changes, epochs, points, problems, reading
from vae.training.progress import Point

WORSE = 1.02
"""A run has become worse if its last loss is above this multiple of its best."""

_KEPT = 32
"""Histories that stay in the memory, of which only what is new is read."""


class ParamChange(NamedTuple):
    """A live parameter was changed: when, which and to what value."""

    epochs_done: float
    param: str
    value: float


@dataclass(frozen=True)
class RunHistory:
    """What the workers of a run have measured.

    Attributes:
        points: the training curve.
        epochs: what `TrainedVAE.history` holds, an entry for each finished epoch. The first may
            be of epoch 0, the untrained model, with figures of its validation only.
        kl_per_dimension, active, confusion: as in `Validation`, of each of these epochs;
            `active` is None where it was not measured, as by a model that ships.
        changes: of live parameters.
        problems: what did not work, a sentence each.
    """

    points: list[Point] = field(default_factory=list)
    epochs: list[dict[str, int | float]] = field(default_factory=list)
    kl_per_dimension: list[list[float]] = field(default_factory=list)
    active: list[list[bool] | None] = field(default_factory=list)
    confusion: list[list[list[int]]] = field(default_factory=list)
    changes: list[ParamChange] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the best model: with the lowest validation loss, of those since a
        weight of the loss was last changed. None before the first epoch is finished.

        The worker saves the model of this epoch as `Run.best`.
        """
        trained = self._comparable_epochs()
        return int(min(trained, key=lambda e: e["val_loss"])["epoch"]) if trained else None

    @property
    def worsened(self) -> str:
        """That the validation loss rose after its best epoch, in a sentence; or empty."""
        trained = self._comparable_epochs()
        if not trained:
            return ""
        best, last = min(trained, key=lambda e: e["val_loss"]), trained[-1]
        if last["val_loss"] <= WORSE * best["val_loss"]:
            return ""
        return (
            f"The validation loss rose from {best['val_loss']:,.4g} "
            f"(epoch {best['epoch']:.0f}) to {last['val_loss']:,.4g}."
        )

    def _comparable_epochs(self) -> list[dict[str, int | float]]:
        """The last trained epoch and those before it whose loss has the same weights."""
        last = self.epochs[-1]["epoch"] if self.epochs else 0
        changed = [c.epochs_done for c in self.changes if c.param != "learning_rate"]
        start = max((done for done in changed if done < last), default=0)
        return [e for e in self.epochs if e["epoch"] > start]


class _Reader:
    """Reads the history of a run: each time, only what is new."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cuts = -1

    def read(self, of: "Row[Any]") -> RunHistory:
        """The history up to now, or to a moment since the row was read; it will not change."""
        with self._lock, reading() as connection:
            if of.cuts != self._cuts:
                self._cuts, self._history = of.cuts, RunHistory()
                self._last: dict[Table, int] = dict.fromkeys((points, epochs, changes, problems), 0)

            def new(table: Table) -> list[Any]:
                query = select(table).where(table.c.run == of.number)
                query = query.where(table.c.id > self._last[table]).order_by(table.c.id)
                found = [*connection.execute(query)]
                self._last[table] = found[-1].id if found else self._last[table]
                return found

            history = self._history
            # A row has its id and its run first; then points have the fields of a Point.
            history.points.extend(Point(*row[2:]) for row in new(points))
            for epoch in new(epochs):
                history.epochs.append(epoch.figures)
                history.kl_per_dimension.append(epoch.kl_per_dimension)
                history.active.append(epoch.active)
                history.confusion.append(epoch.confusion)
            history.changes.extend(ParamChange(*row[2:]) for row in new(changes))
            history.problems.extend(problem.message for problem in new(problems))
            return replace(history, **{name: [*all_] for name, all_ in vars(history).items()})


_readers: "OrderedDict[tuple[str, int], _Reader]" = OrderedDict()
_choosing = Lock()


def history_of(row: "Row[Any]") -> RunHistory:
    """The history of the run of that row, which was just read.

    Raises:
        DatabaseError: if the database cannot be read.
    """
    key = str(database.engine().url), row.number
    with _choosing:
        reader = _readers.setdefault(key, _Reader())
        _readers.move_to_end(key)
        if len(_readers) > _KEPT:
            _readers.popitem(last=False)
    return reader.read(row)
