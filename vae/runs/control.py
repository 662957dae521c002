"""What those who watch a run want of its trainer: a small file in the run's folder."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from vae.params import LIVE_PARAMS, Params
from vae.storage import atomic_write

MAX_TARGET_EPOCHS = 1000
"""Epochs can be added to a run until it has so many."""


@dataclass(frozen=True)
class Control:
    """The present requests.

    Attributes:
        desired_state: what it should be doing.
        target_epochs: how many there are to be in all; 0 means as many as its parameters say.
        single_steps: how many steps have been asked for one by one, ever.
        live_params: new values of `LIVE_PARAMS`.
    """

    desired_state: Literal["run", "pause", "stop"] = "run"
    target_epochs: int = 0
    single_steps: int = 0
    live_params: dict[str, float] = field(default_factory=dict)


def read(folder: Path) -> Control:
    """The requests for the run in `folder`; what cannot be understood is no wish."""
    try:
        values = json.loads((folder / "control.json").read_text())
        control = Control(**values)
        sound = (
            control.desired_state in ("run", "pause", "stop")
            and type(control.target_epochs) is type(control.single_steps) is int
            and 0 <= control.target_epochs <= MAX_TARGET_EPOCHS
            and control.single_steps >= 0
            and all(check(name, value) for name, value in control.live_params.items())
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Control()
    return control if sound else Control()


def change(folder: Path, **requests: Any) -> Control:
    """Add to the requests; `single_steps` and `live_params` to those there are.

    Raises:
        ParamsError: if a param is given a value that its parameter cannot have.
        OSError: if they cannot be written.
    """
    for name, value in requests.get("live_params", {}).items():
        check(name, value)
    with FileLock(folder / "control.lock", timeout=10):
        control = read(folder)
        if "live_params" in requests:
            requests["live_params"] = {**control.live_params, **requests["live_params"]}
        if "single_steps" in requests:
            requests["single_steps"] += control.single_steps
        control = dataclasses.replace(control, **requests)
        atomic_write(folder / "control.json", json.dumps(dataclasses.asdict(control)))
    return control


def check(name: str, value: float) -> float:
    """`value` if it is one that the param of that name can have.

    Raises:
        ParamsError: otherwise.
    """
    if name not in LIVE_PARAMS:
        raise ValueError(f"There is no param {name!r}.")
    Params(**{name: value})
    return value
