"""What is requested of a run's worker, which reads it between two steps."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Row

from vae.database import writing
from vae.errors import ParamsError
from vae.params import LIVE_PARAMS, Params, bounds
from vae.runs.rows import row_of, set_values


class Control(BaseModel):
    """The requests in force.

    Attributes:
        desired_state: what the run should be doing.
        target_epochs: how many epochs there are to be in all; 0 means as many as its parameters
            say.
        single_steps: steps requested one by one, ever.
        live_params: new values of `LIVE_PARAMS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    desired_state: Literal["run", "pause", "stop"] = "run"
    target_epochs: int = Field(0, ge=0, le=int(bounds("epochs").high))
    single_steps: int = Field(0, ge=0)
    live_params: dict[str, float] = {}

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


def of_row(row: "Row[Any]") -> Control:
    """The requests in the row of a run; they were checked when they were written."""
    return Control.model_construct(**{name: getattr(row, name) for name in Control.model_fields})


def change(run_id: str, **requests: Any) -> Control:
    """Add to the requests: fields of `Control`; `single_steps` and `live_params` to those there.

    Raises:
        RunError: if there is no such run.
        ParamsError: if a live parameter is given a value that it cannot have.
        ValueError: if another request has no legal value.
        DatabaseError: if they cannot be written.
    """
    for name, value in requests.get("live_params", {}).items():
        check_live_param(name, value)
    with writing() as connection:
        before = of_row(row_of(run_id))
        if "live_params" in requests:
            requests["live_params"] = {**before.live_params, **requests["live_params"]}
        if "single_steps" in requests:
            requests["single_steps"] += before.single_steps
        control = Control.model_validate(before.model_dump() | requests)
        set_values(connection, run_id, **control.model_dump())
    return control
