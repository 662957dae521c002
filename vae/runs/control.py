"""What is requested of a run's worker: `control.json`, a small file in the run's folder.

A request is never dropped silently. Each one is also kept as `control.backup.json`, and a file
that cannot be read leaves that one, the last valid request, in force, with a sentence.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vae.errors import ParamsError
from vae.params import LIVE_PARAMS, Params, bounds
from vae.storage import atomic_write, file_lock

FILE, BACKUP = "control.json", "control.backup.json"


class Control(BaseModel):
    """The requests in force.

    Attributes:
        desired_state: what the run should be doing.
        target_epochs: how many epochs there are to be in all; 0 means as many as its parameters
            say.
        single_steps: steps requested one by one, ever.
        live_params: new values of `LIVE_PARAMS`.
        problem: why the file could not be read, in a sentence; empty if it could.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    desired_state: Literal["run", "pause", "stop"] = "run"
    target_epochs: int = Field(0, ge=0, le=int(bounds("epochs").high))
    single_steps: int = Field(0, ge=0)
    live_params: dict[str, float] = {}
    problem: str = Field("", exclude=True)

    @model_validator(mode="after")
    def _check_live_params(self) -> Self:
        for name, value in self.live_params.items():
            check_live_param(name, value)
        return self


def check_live_param(name: str, value: float) -> None:
    """Check that a live parameter may have that value.

    Raises:
        ParamsError: if there is no such live parameter, or the value is out of its bounds.
    """
    if name not in LIVE_PARAMS:
        raise ParamsError(f"{name!r} cannot be changed while a run trains.")
    Params(**{name: value})


def read(folder: Path) -> Control:
    """The requests in force for the run in `folder`; see `Control.problem`."""
    try:
        return _parse(folder / FILE) or _parse(folder / BACKUP) or Control()
    except (OSError, ValueError) as error:
        problem = f"The control file cannot be read ({_reason(error)})."
    try:
        backup = _parse(folder / BACKUP)
    except (OSError, ValueError):
        backup = None
    if backup:
        return backup.model_copy(update={"problem": f"{problem} The last valid request holds."})
    return Control(problem=f"{problem} No earlier request is known.")


def change(folder: Path, **requests: Any) -> Control:
    """Add to the requests: fields of `Control`; `single_steps` and `live_params` to those there.

    Raises:
        ParamsError: if a live parameter is given a value that it cannot have.
        ValueError: if another request has no legal value.
        OSError: if they cannot be written.
    """
    for name, value in requests.get("live_params", {}).items():
        check_live_param(name, value)
    with file_lock(folder / "control.lock"):
        before = read(folder)
        values = before.model_dump()
        if "live_params" in requests:
            requests["live_params"] = {**before.live_params, **requests["live_params"]}
        if "single_steps" in requests:
            requests["single_steps"] += before.single_steps
        control = Control.model_validate(values | requests)
        text = control.model_dump_json()
        atomic_write(folder / BACKUP, text)
        atomic_write(folder / FILE, text)
    return control


def _parse(path: Path) -> Control | None:
    """The requests in a file; None if there is no file.

    Raises:
        OSError, ValueError: if it cannot be read.
    """
    try:
        return Control.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"].lower())))
    return (getattr(error, "strerror", None) or str(error)).lower()


class ControlReader:
    """Reads the requests for a worker, which keeps the last valid ones in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = Control()
        self._seen = False

    def read(self) -> Control:
        """The requests in force."""
        control = read(self._folder)
        if control.problem and self._seen:
            return self._last.model_copy(update={"problem": control.problem})
        self._seen, self._last = True, control
        return control
