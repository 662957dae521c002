"""The event log of a run: `events.jsonl`, one JSON object a line.

This module is the only one that knows its format: a model for each event, the parser and the
writer. `vae.runs.history` replays the events.

The file is only appended to. A line may be cut short by a crash. A line that cannot be read, be
it torn or unknown, is reported, never dropped silently.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from vae.data.mnist import CLASSES
from vae.params import LIVE_PARAMS
from vae.storage import atomic_write

CRASH_RECORD = "crash-record"
_CRASH_RECORD_BYTES = 1000


# A loss may become infinite, or no number at all; what is counted or measured in time may not.
_Count = Annotated[int, Field(ge=0, le=10**9)]
_Epochs = Annotated[float, Field(ge=0, le=10**9)]
_Seconds = Annotated[float, Field(ge=0, le=10**11)]
Figure = Annotated[int, Field(ge=-(10**15), le=10**15)] | float
"""A number in an entry of a history; no integer is too large for a float."""


class AnyEvent(BaseModel):
    """What all events have: the time, seconds since 1970."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")

    at: _Seconds

    @classmethod
    def now(cls, /, **values: Any) -> Self:
        """The event, at the present time."""
        return cls(at=time.time(), **values)


class WorkerStarted(AnyEvent):
    """A process has taken the run."""

    event: Literal["worker_started"] = "worker_started"
    pid: int
    host: str


class TrainingStarted(AnyEvent):
    """The training goes on from here: `step` steps of epoch `epoch` (from 1) are done."""

    event: Literal["training_started"] = "training_started"
    epoch: _Count
    step: _Count
    steps: Annotated[_Count, Field(gt=0)]


class TrainingPoint(AnyEvent):
    """A point of the training curve, as `vae.training.progress.Point`."""

    event: Literal["point"] = "point"
    epoch: _Count
    step: _Count
    steps: Annotated[_Count, Field(gt=0)]
    loss: float
    recon: float
    kl: float
    cls: float
    consistency: float = 0.0
    examples_per_second: float = Field(gt=0, allow_inf_nan=False)


class EpochFinished(AnyEvent):
    """An epoch has been validated; epoch 0 is the model before it has learned anything.

    `figures` are an entry of `TrainedVAE.history`; the rest is as in `Validation`.
    """

    event: Literal["epoch"] = "epoch"
    figures: dict[str, Figure]
    kl_per_dimension: list[float]
    active: list[bool]
    confusion: list[list[_Count]]

    @model_validator(mode="after")
    def _complete(self) -> "EpochFinished":
        check_figures(self.figures)
        if [len(row) for row in self.confusion] != [CLASSES] * CLASSES:
            raise ValueError("confusion is not 10 × 10")
        return self


def check_figures(figures: Mapping[str, int | float]) -> None:
    """Check that an entry of a history has a loss and an epoch that is a count.

    Raises:
        ValueError: if it does not.
    """
    if not {"epoch", "val_loss"} <= figures.keys():
        raise ValueError("figures lack epoch or val_loss")
    epoch = figures["epoch"]
    if not (0 <= epoch <= 10**9 and epoch == int(epoch)):
        raise ValueError("the epoch in figures is no count")


class ParamChanged(AnyEvent):
    """A live parameter has another value from here on."""

    event: Literal["param_changed"] = "param_changed"
    epochs_done: _Epochs
    param: Literal[LIVE_PARAMS]  # type: ignore[valid-type]
    value: float = Field(allow_inf_nan=False)


class TargetEpochs(AnyEvent):
    """There are to be this many epochs in all."""

    event: Literal["target_epochs"] = "target_epochs"
    epochs: _Count


class CheckpointSaved(AnyEvent):
    """A resumed run would go on from here."""

    event: Literal["checkpoint_saved"] = "checkpoint_saved"
    epoch: _Count
    step: _Count


class Paused(AnyEvent):
    """The worker waits, before the next step."""

    event: Literal["paused"] = "paused"


class Resumed(AnyEvent):
    """The worker goes on after a pause."""

    event: Literal["resumed"] = "resumed"


class Measuring(AnyEvent):
    """The training is over; the models are measured on the test set."""

    event: Literal["measuring"] = "measuring"


class Problem(AnyEvent):
    """Something that people should know did not stop the training."""

    event: Literal["problem"] = "problem"
    message: str


class Finished(AnyEvent):
    """All epochs are done."""

    event: Literal["finished"] = "finished"
    message: str


class Stopped(AnyEvent):
    """Somebody stopped the run."""

    event: Literal["stopped"] = "stopped"
    message: str


class Failed(AnyEvent):
    """The run cannot go on."""

    event: Literal["failed"] = "failed"
    message: str


Event = (
    WorkerStarted
    | TrainingStarted
    | TrainingPoint
    | EpochFinished
    | ParamChanged
    | TargetEpochs
    | CheckpointSaved
    | Paused
    | Resumed
    | Measuring
    | Problem
    | Finished
    | Stopped
    | Failed
)
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
_EVENTS: TypeAdapter[list[Event]] = TypeAdapter(
    list[Annotated[Event, Field(discriminator="event")]]
)


NAMES = {
    kind: kind.model_fields["event"].default
    for kind in (
        WorkerStarted,
        TrainingStarted,
        TrainingPoint,
        EpochFinished,
        ParamChanged,
        TargetEpochs,
        CheckpointSaved,
        Paused,
        Resumed,
        Measuring,
        Problem,
        Finished,
        Stopped,
        Failed,
    )
}
"""The name of each event."""


def parse_lines(lines: Sequence[bytes], first: int = 1) -> Iterable[Event | str]:
    """The event of each line or, if it cannot be read, a sentence that says so.

    Args:
        lines: without their ends; empty ones are skipped.
        first: the number of the first line, for the sentences.
    """
    try:
        # All at once takes a third less time than one by one.
        yield from _EVENTS.validate_json(b"[" + b",".join(filter(None, lines)) + b"]")
    except ValidationError:
        for number, line in enumerate(lines, first):
            if line:
                try:
                    yield _EVENT.validate_json(line)
                except ValidationError as error:
                    yield f"Line {number} of the event log cannot be read: {_reason(error)}."


def _reason(error: ValidationError) -> str:
    """What is wrong with a line, in a few words."""
    first = error.errors(include_input=False, include_url=False)[0]
    match first["type"]:
        case "json_invalid":
            return "it is no JSON, perhaps cut short by a crash"
        case "union_tag_invalid":
            return "the event is unknown"
        case "union_tag_not_found" | "model_attributes_type" | "model_type" | "dict_type":
            return "it is no event"
    name = ".".join(map(str, first["loc"][1:2]))
    return f"{name}: {first['msg'].lower()}" if name else first["msg"].lower()


class EventLog:
    """Appends events to the log of a run; its worker has one.

    If the log cannot be written any more, as on a full disk, a failure is written into the crash
    record instead, a file whose place on the disk was reserved beforehand.
    """

    def __init__(self, folder: Path) -> None:
        self._crash_record = folder / CRASH_RECORD
        if not self._crash_record.exists() or self._crash_record.read_bytes().strip():
            atomic_write(self._crash_record, b" " * _CRASH_RECORD_BYTES)
        self._file = (folder / "events.jsonl").open("ab+")
        self._file.seek(0, os.SEEK_END)
        if size := self._file.tell():
            self._file.seek(size - 1)
            if self._file.read() != b"\n":  # End a line that was cut short.
                self._file.write(b"\n")

    def append(self, event: AnyEvent) -> None:
        """Append an event.

        Raises:
            OSError: if it cannot be written.
        """
        line = event.model_dump_json().encode() + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
        except OSError:
            if not isinstance(event, Failed):
                raise
            # Of up to four bytes each, so many characters fit.
            short = event.model_copy(update={"message": event.message[:200]})
            with self._crash_record.open("r+b") as record:
                record.write(short.model_dump_json().encode().ljust(_CRASH_RECORD_BYTES))

    def sync(self) -> None:
        """Make the log so far survive a power cut."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # What was not written before will not be now.
            self._file.close()


def read_crash_record(folder: Path) -> str:
    """The message of a failure that could not be logged; empty if there is none."""
    with contextlib.suppress(OSError, ValidationError):
        line = (folder / CRASH_RECORD).read_bytes().strip()
        if line and isinstance(event := _EVENT.validate_json(line), Failed):
            return event.message
    return ""
