"""What those who watch a run want of its trainer: a small file in the run's folder."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from vae.params import Params
from vae.storage import atomic_write
from vae.training.progress import DIALS

MOST_EPOCHS = 1000
"""Epochs can be added to a run until it has so many."""


@dataclass(frozen=True)
class Control:
    """The present wishes.

    Attributes:
        want: what it should be doing.
        epochs: how many there are to be in all; 0 means as many as its parameters say.
        single_steps: how many steps have been asked for one by one, ever.
        dials: new values of `DIALS`.
    """

    want: Literal["run", "pause", "stop"] = "run"
    epochs: int = 0
    single_steps: int = 0
    dials: dict[str, float] = field(default_factory=dict)


def read(folder: Path) -> Control:
    """The wishes for the run in `folder`; what cannot be understood is no wish."""
    try:
        values = json.loads((folder / "control.json").read_text())
        control = Control(**values)
        sound = (
            control.want in ("run", "pause", "stop")
            and type(control.epochs) is type(control.single_steps) is int
            and 0 <= control.epochs <= MOST_EPOCHS
            and control.single_steps >= 0
            and all(check(name, value) for name, value in control.dials.items())
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Control()
    return control if sound else Control()


def change(folder: Path, **wishes: Any) -> Control:
    """Add to the wishes; `single_steps` and `dials` to those there are.

    Raises:
        ParamsError: if a dial is given a value that its parameter cannot have.
        OSError: if they cannot be written.
    """
    for name, value in wishes.get("dials", {}).items():
        check(name, value)
    with FileLock(folder / "control.lock", timeout=10):
        control = read(folder)
        if "dials" in wishes:
            wishes["dials"] = {**control.dials, **wishes["dials"]}
        if "single_steps" in wishes:
            wishes["single_steps"] += control.single_steps
        control = dataclasses.replace(control, **wishes)
        atomic_write(folder / "control.json", json.dumps(dataclasses.asdict(control)))
    return control


def check(name: str, value: float) -> float:
    """`value` if it is one that the dial of that name can have.

    Raises:
        ParamsError: otherwise.
    """
    if name not in DIALS:
        raise ValueError(f"There is no dial {name!r}.")
    Params(**{name: value})
    return value
