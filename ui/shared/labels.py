"""How every figure, loss term and parameter is called, formatted and explained to people."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_origin

from vae.params import Params, expected


class Label(NamedTuple):
    """How a figure is shown.

    Attributes:
        name: what it is called, as a heading.
        format: of its value, as in `format()`.
        unit: of its value, if it has one.
        help: what it means, in a sentence.
    """

    name: str
    format: str
    unit: str = ""
    help: str = ""

    @property
    def title(self) -> str:
        """The name with the unit: "KL divergence, nats"."""
        return f"{self.name}, {self.unit}" if self.unit else self.name

    def text(self, value: float, sign: str = "") -> str:
        """The value in words; with "+" as `sign`, a change of it."""
        return f"{value:{sign}{self.format}}".replace("%", " %")


FIGURES: Mapping[str, Label] = {
    "accuracy": Label("Accuracy", ".2%", help="Share of images whose digit is recognised."),
    "cross_entropy": Label("Cross-entropy of the digit", ".4f", "nats"),
    "calibration_error": Label("Calibration error of the confidence", ".2%"),
    "loss": Label("Loss", ".2f", help="The sum that training makes small."),
    "recon": Label(
        "Reconstruction", ".2f", "nats", "How far redrawn images are from the originals."
    ),
    "kl": Label(
        "KL divergence", ".2f", "nats", "How far the encoder's z are from the prior N(0, I)."
    ),
    "cls": Label("Classification", ".3f", "nats", "Cross-entropy of the digit."),
    "consistency": Label(
        "Consistency", ".3f", "nats", "Cross-entropy of the classifier on generated digits."
    ),
    "sse_mean": Label("Squared error of a redrawn image, z = μ", ".2f"),
    "sse_sampled": Label("Squared error of a redrawn image, z sampled", ".2f"),
    "active_units": Label(
        "Dimensions of z in use",
        ".0f",
        help="A dimension is in use if its μ varies from image to image: "
        "its variance is above 0.01 (Burda et al. 2016).",
    ),
    "epoch": Label("Epochs done", ".0f"),
    "fidelity": Label("Generated digits recognised as the digit asked for", ".2%"),
    "worst_fidelity": Label("The same, for the worst digit", ".2%"),
    "swap": Label("The same, with z taken from an image of another digit", ".2%"),
    "frechet": Label("Fréchet distance to test digits (training digits: 1.8)", ".1f"),
    "diversity": Label("Diversity (real digits: 1)", ".2f"),
    "recall": Label(
        "Recall: test digits within reach of a generated one (training digits: 87 %)", ".1%"
    ),
}
"""Measurements of a model and terms of the loss, by their names in files."""

TERMS = ("loss", "recon", "kl", "cls", "consistency", "accuracy")
"""The figures that have a curve."""

ON_TEST_SET = ("accuracy", "calibration_error", "recon", "kl", "sse_mean", "active_units")
QUALITY = ("fidelity", "worst_fidelity", "swap", "frechet", "diversity", "recall")
"""The figures of a model card; `QUALITY` is measured by a second network."""

_PARAMETERS = {
    "z_dim": "Dimensions of z",
    "kl_weight": "KL weight β",
    "kl_schedule": "Schedule of β",
    "free_bits": "Free nats of a dimension",
    "held_out": "Held-out images",
}


def parameter(name: str) -> str:
    """What a parameter is called: "Batch size"."""
    return _PARAMETERS.get(name, name.replace("_", " ").capitalize())


def allowed(name: str) -> str:
    """What a parameter may be, in words: "a whole number between 20 and 1000"."""
    if get_origin(Params.model_fields[name].annotation) is not tuple:
        return expected(name)
    count, each = expected(name).split(", ")
    return f"{count} separated by commas, such as 128, 64 ({each})"


def validated_on(params: Params) -> str:
    """The images on which every epoch is validated, in words."""
    return f"{params.held_out:,} images held out" if params.held_out else "the test set"


def rows(names: Iterable[str], figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The title and the value, in words, of those of these figures that there are."""
    return [
        (FIGURES[name].title, FIGURES[name].text(figures[name]))
        for name in names
        if name in figures
    ]


def percent(share: float) -> str:
    """A share with one decimal, or with as many more as it takes not to round up to 100 %.

    Those are cut off, not rounded, so that a confidence below a limit is not shown as the limit.
    """
    decimals, text = 1, f"{100 * share:.1f}"
    while share < 1 and text.startswith("100") and decimals < 6:
        decimals += 1
        text = f"{100 * share:.{decimals}f}"
    if decimals > 1:
        text = f"{100 * share:.9f}"[: len(text)]
    return f"{text} %"


def with_article(digit: int) -> str:
    """A digit with its article: "a 7", "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def duration(seconds: float) -> str:
    """A duration in words, to two figures or so."""
    whole, rest = divmod(round(seconds), 60)
    if not whole:
        return f"{rest} s"
    return f"{whole} min {rest} s" if whole < 5 else f"{round(seconds / 60)} min"


def plain(value: Any) -> str:
    """A parameter's value as a person writes it."""
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
