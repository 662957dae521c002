"""The parameters of a model and of its training: names, defaults and bounds.

`Params` is the only place where a bound is written. The sliders of the app, the
options of the terminal and the validation of files and links are drawn from it.

The bounds are there because a visitor of the web app may choose any of these
values and the server must outlive it: at most three layers of 512 units a part
keep a model under 3 million weights (about 50 MB with its optimizer), `epochs`
and the smallest `batch_size` keep the longest possible training under a few
hours, and `z_dim` keeps the sliders of the latent space on one screen. The other
bounds only keep the numbers where training is defined at all.
"""

import difflib
import json
import reprlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Activation = Literal["sigmoid", "tanh", "relu", "gelu", "silu"]

MIN_LAYERS, MAX_LAYERS = 1, 3
MIN_UNITS, MAX_UNITS = 1, 512


class ParamsError(ValueError):
    """A parameter is unknown, of the wrong type or out of bounds; says which, in a sentence."""


class Bounds(NamedTuple):
    """The smallest and the largest value that a numeric parameter may take."""

    low: float
    high: float


def _split(value: Any) -> Any:
    """'128, 64' as typed into a terminal or a text box, as the list it stands for."""
    if not isinstance(value, str):
        return value
    try:
        return [int(part) for part in value.strip(" []()").split(",")]
    except ValueError:
        return value


Layers = Annotated[
    tuple[Annotated[int, Field(strict=True, ge=MIN_UNITS, le=MAX_UNITS)], ...],
    Field(strict=False, min_length=MIN_LAYERS, max_length=MAX_LAYERS),
    BeforeValidator(_split),
]


class Params(BaseModel):
    """What a model is made of and how it is trained; immutable.

    The defaults are those of the lab report that the product grew from.

    Raises:
        ParamsError: for an unknown name, a wrong type or a value out of bounds.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    encoder_layers: Layers = Field(
        (128,), description="Units of each hidden layer between the image and mu, log σ²."
    )
    decoder_layers: Layers = Field(
        (128,), description="Units of each hidden layer between [z, digit] and the image."
    )
    digit_classification_layers: Layers = Field(
        (128,), description="Units of each hidden layer between the image and the digit."
    )
    activation: Activation = Field(
        "sigmoid", description="Non-linearity of every hidden layer (GELU in its tanh form)."
    )
    decoder_std: float = Field(
        0.5,
        ge=0.05,
        le=2.0,
        description="Standard deviation of a pixel around its reconstruction. Smaller: "
        "sharper reconstructions, a busier latent space.",
    )
    z_dim: int = Field(
        10, ge=1, le=32, description="Dimensions of the latent vector z: one slider each."
    )
    digit_classification_weight: float = Field(
        10.0,
        ge=0.0,
        le=1000.0,
        description="Weight of the classifier's cross-entropy in the loss.",
    )
    epochs: int = Field(20, ge=1, le=100, description="Passes over the training images.")
    batch_size: int = Field(100, ge=20, le=1000, description="Images in one training step.")
    learning_rate: float = Field(
        0.001, ge=0.00001, le=0.1, description="Step size of the Adam optimizer."
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, description="Same seed, same machine: the same model, bit for bit."
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            fields = {str(e["loc"][0]): values.get(str(e["loc"][0])) for e in error.errors()}
            raise ParamsError(" ".join(_sentence(*item) for item in fields.items())) from None

    @classmethod
    def of(cls, params: "Params | Mapping[str, Any]") -> Self:
        """`params` itself, or the `Params` that a plain dict such as the report's stands for.

        Raises:
            ParamsError: as `Params`; also if `params` is no mapping of names to values.
        """
        if isinstance(params, cls):
            return params
        if not isinstance(params, Mapping) or not all(isinstance(k, str) for k in params):
            raise ParamsError("Parameters must be a mapping of names to values.")
        return cls(**params)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`.

        Raises:
            ParamsError: if `text` is not JSON or does not hold valid parameters.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise ParamsError("Parameters must be JSON.") from None
        return cls.of(values)

    def to_json(self) -> str:
        """The parameters as one line of JSON, in the order of the fields."""
        return self.model_dump_json()


def bounds(name: str) -> Bounds:
    """The bounds of a numeric field of `Params`."""
    limits = {type(m).__name__: m for m in Params.model_fields[name].metadata}
    return Bounds(limits["Ge"].ge, limits["Le"].le)


def expected(name: str) -> str:
    """What a field of `Params` may be, in words: 'a whole number between 1 and 100'."""
    kind = Params.model_fields[name].annotation
    if kind in (int, float):
        noun = "a whole number" if kind is int else "a number"
        low, high = bounds(name)
        return f"{noun} between {_plain(low)} and {_plain(high)}"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    return (
        f"{MIN_LAYERS} to {MAX_LAYERS} layer sizes, "
        f"whole numbers between {MIN_UNITS} and {MAX_UNITS}"
    )


def _plain(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _sentence(name: str, value: Any) -> str:
    if name in Params.model_fields:
        return f"{name} must be {expected(name)}, not {reprlib.repr(value)}."
    close = difflib.get_close_matches(name, Params.model_fields, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(Params.model_fields)}."
    return f"{reprlib.repr(name)} is not a parameter; {hint}"


PRESETS: Mapping[str, Params] = {"classic": Params()}
"""Ready-made parameters by name; `classic` is the report's dict."""
