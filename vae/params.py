"""The parameters of a model and of its training: names, defaults and bounds.

`Params` is the only place where a bound is written. The sliders of the app, the
options of the terminal and the validation of files and links are made from it.

A visitor of the web app may choose any of these values, and the server must survive it.
Each parameter is bounded here; `vae.model.architecture` bounds the weights of a model
and `vae.model.training_size` the memory and the work of a training step. `epochs` and the smallest
`batch_size` bound the number of steps, `z_dim` keeps the sliders of the latent space on one
screen. The other bounds keep the numbers where training is defined.
"""

import difflib
import json
import reprlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from vae.data.mnist import TRAINING_SIZE
from vae.errors import ParamsError

Activation = Literal["sigmoid", "tanh", "relu", "gelu", "silu"]
Likelihood = Literal["gaussian", "bernoulli"]
Condition = Literal["predicted", "label", "nothing"]
Schedule = Literal["constant", "cosine"]
KLSchedule = Literal["constant", "warm-up", "cyclic"]


TERMS = ("loss", "recon", "kl", "cls", "consistency")
"""The loss and the terms that it is made of."""

_LIVE: dict[str, Any] = {"live": True}


class Bounds(NamedTuple):
    """The smallest and the largest value that a numeric parameter may take."""

    low: float
    high: float


def _split(value: Any) -> Any:
    """'128, 64', as typed into a terminal or a text box → [128, 64]; other values unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return [int(part) for part in value.strip(" []()").split(",") if part or value.strip()]
    except ValueError:
        return value


Layers = Annotated[
    tuple[Annotated[int, Field(strict=True, ge=1, le=512)], ...],
    Field(strict=False, min_length=1, max_length=3),
    BeforeValidator(_split),
]
Filters = Annotated[
    tuple[Annotated[int, Field(strict=True, ge=1, le=128)], ...],
    Field(strict=False, min_length=0, max_length=3),
    BeforeValidator(_split),
]


class Params(BaseModel):
    """The layers of a model and how it is trained; immutable.

    A field marked `_LIVE` can be changed while a training runs (see `LIVE_PARAMS`).

    The defaults are those of the lab report that this project started as.

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
    encoder_filters: Filters = Field(
        (),
        description="Filters of the 4 × 4 convolutions in front of the encoder's hidden layers, "
        "each halving the image. They find strokes wherever they are.",
    )
    decoder_filters: Filters = Field(
        (),
        description="Channels of the small image behind the decoder's hidden layers and of the "
        "transposed convolutions that double it. Cleaner strokes than with dense layers alone.",
    )
    digit_classification_filters: Filters = Field(
        (),
        description="Filters of the 3 × 3 convolutions, with batch normalisation and pooling, "
        "in front of the classifier's hidden layers. They halve its errors.",
    )
    activation: Activation = Field(
        "sigmoid",
        description="Non-linearity of every hidden layer (GELU in its tanh form). All others "
        "learn faster than the report's sigmoid.",
    )
    likelihood: Likelihood = Field(
        "gaussian",
        description="Distribution of a pixel given its reconstruction: Gaussian with decoder "
        "std, or Bernoulli with the reconstruction as its probability, which draws crisper "
        "strokes.",
    )
    decoder_std: float = Field(
        0.5,
        ge=0.05,
        le=2.0,
        description="Standard deviation of a Gaussian pixel around its reconstruction. Smaller: "
        "sharper reconstructions, more latent dimensions in use. For encoder and decoder only "
        "β · σ² matters: a larger β does the same as a larger σ.",
    )
    z_dim: int = Field(
        10,
        ge=1,
        le=32,
        description="Dimensions of the latent vector z: one slider each. 2 make a map, more "
        "make better pictures.",
    )
    encoder_sees_label: bool = Field(
        False,
        description="Whether the encoder gets the digit as an input, so that z need not encode "
        "it again: more of z is left for style.",
    )
    decoder_sees: Condition = Field(
        "predicted",
        description="Which digit the decoder gets in training: the classifier's probabilities, "
        "which then learn to carry some of the style, the label, or nothing: a plain VAE, whose z "
        "must hold the digit, too.",
    )
    consistency_weight: float = Field(
        0.0,
        ge=0.0,
        le=100.0,
        description="Weight of the classifier's cross-entropy on digits decoded from random z "
        "and from the batch's z under another label: the decoder learns to draw the digit that it "
        "gets. 3 removes most wrong ones. Without effect if the decoder sees nothing.",
    )
    kl_weight: float = Field(
        1.0,
        ge=0.0,
        le=100.0,
        description="Weight β of the KL divergence in the loss; 1 is the ELBO. Larger: fewer "
        "dimensions of z are used, each closer to the prior (β-VAE). 0: an autoencoder.",
        json_schema_extra=_LIVE,
    )
    kl_schedule: KLSchedule = Field(
        "constant",
        description="How β goes over the training. Warm-up: it rises from 0 over the first half, "
        "so that the decoder learns to use z before z costs. Cyclic: it does so in each quarter.",
    )
    free_bits: float = Field(
        0.0,
        ge=0.0,
        le=5.0,
        description="Nats that each dimension of z may cost for free. A KL divergence below them, "
        "as the mean of a batch, is not made smaller, so that the dimension does not collapse.",
    )
    digit_classification_weight: float = Field(
        10.0,
        ge=0.0,
        le=1000.0,
        description="Weight of the classifier's cross-entropy in the loss.",
        json_schema_extra=_LIVE,
    )
    dropout: float = Field(
        0.0,
        ge=0.0,
        le=0.9,
        description="Share of the classifier's hidden units that are set to 0 at random in a "
        "training step: it overfits less.",
    )
    augmentation: float = Field(
        0.0,
        ge=0.0,
        le=3.0,
        description="How far the classifier's images are rotated, scaled, sheared and shifted; "
        "1 is up to 8°, 8 %, 0.1 and 1.5 pixels. The last epoch leaves them as they are.",
    )
    synthetic_ratio: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="Digits drawn by program that the classifier gets for each image: "
        "handwriting styles missing from MNIST, such as a 1 with a long flag or a crossed 7.",
    )
    epochs: int = Field(20, ge=1, le=1000, description="Passes over the training images.")
    batch_size: int = Field(100, ge=20, le=1000, description="Images in one training step.")
    learning_rate: float = Field(
        0.001,
        ge=0.00001,
        le=0.1,
        description="Step size of the Adam optimizer, at its highest.",
        json_schema_extra=_LIVE,
    )
    learning_rate_schedule: Schedule = Field(
        "constant",
        description="Cosine: the step size rises over the first tenth of the training, then "
        "falls to 0 along a cosine, which ends on a better model.",
    )
    held_out: int = Field(
        5000,
        ge=0,
        le=10_000,
        description="Training images, the last ones, that are kept out of the training: they "
        "validate every epoch, choose the best one and calibrate the confidence. 0: the test set "
        "validates, as in the report, and the confidence stays as it is.",
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, description="Same seed, same machine: the same model, bit for bit."
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = [str(e["loc"][0]) for e in error.errors() if e["loc"]]
            # Pydantic leaves out where the error is if a name is not valid Unicode.
            wrong = wrong or [name for name in values if name not in Params.model_fields]
            sentences = (_sentence(name, values.get(name)) for name in dict.fromkeys(wrong))
            raise ParamsError(" ".join(sentences)) from None

    @classmethod
    def of(cls, params: "Params | Mapping[str, Any]") -> Self:
        """`params` itself, or `Params` with the values of a plain dict such as the report's.

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

    def steps_per_epoch(self, examples: int = TRAINING_SIZE) -> int:
        """Optimizer steps in an epoch: whole batches of the images that are not held out.

        Args:
            examples: training images, the held out ones included.
        """
        return max(0, examples - self.held_out) // self.batch_size

    @property
    def synthetic_per_batch(self) -> int:
        """How many synthetic digits are added to a batch."""
        return int(self.synthetic_ratio * self.batch_size)

    @property
    def labelled(self) -> bool:
        """Whether the decoder gets a digit in addition to z; if not, the model is a plain VAE."""
        return self.decoder_sees != "nothing"

    @property
    def consistent(self) -> bool:
        """Whether the loss has the consistency term; the decoder must get a digit for it."""
        return self.consistency_weight > 0 and self.labelled

    @property
    def terms(self) -> tuple[str, ...]:
        """Those of `TERMS` that the loss has."""
        return TERMS if self.consistent else TERMS[:-1]

    @property
    def convolutional(self) -> bool:
        """Whether any part has convolutions."""
        return bool(
            self.encoder_filters or self.decoder_filters or self.digit_classification_filters
        )

    def to_json(self) -> str:
        """The parameters as one line of JSON, in the order of the fields."""
        return self.model_dump_json()


def bounds(name: str) -> Bounds:
    """The bounds of a numeric field of `Params`."""
    limits = _limits(Params.model_fields[name])
    return Bounds(limits["ge"], limits["le"])


def expected(name: str) -> str:
    """The values that a field of `Params` may have: 'a whole number between 1 and 100'."""
    kind = Params.model_fields[name].annotation
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        noun = "a whole number" if kind is int else "a number"
        low, high = bounds(name)
        return f"{noun} between {_plain(low)} and {_plain(high)}"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    count = _limits(Params.model_fields[name])
    size = _limits(get_args(get_args(kind)[0])[1])
    return (
        f"{count['min_length']} to {count['max_length']} sizes, "
        f"whole numbers between {size['ge']} and {size['le']}"
    )


def _limits(field: FieldInfo) -> dict[str, Any]:
    return {
        name: getattr(constraint, name)
        for constraint in field.metadata
        for name in ("ge", "le", "min_length", "max_length")
        if hasattr(constraint, name)
    }


def _plain(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _sentence(name: str, value: Any) -> str:
    if name in Params.model_fields:
        return f"{name} must be {expected(name)}, not {reprlib.repr(value)}."
    close = difflib.get_close_matches(name, Params.model_fields, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(Params.model_fields)}."
    return f"{reprlib.repr(name)} is not a parameter; {hint}"


LIVE_PARAMS = tuple(
    name for name, field in Params.model_fields.items() if field.json_schema_extra == _LIVE
)
"""The parameters that can be changed while a training runs."""
