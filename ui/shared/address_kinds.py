"""What the value of an address' parameter may be: in words, and parsed from a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vae.data.mnist import CLASSES


@dataclass(frozen=True)
class OneOf:
    """One of some options; several of them, or none, if `several`."""

    options: Sequence[Any]
    several: bool = False

    @property
    def must_be(self) -> str:
        """What the parameter must be, in words."""
        return f"one of {', '.join(map(str, self.options))}"

    def parse(self, text: str) -> Any:
        """The option; None if none was chosen."""
        if self.several and not text:
            return None
        return self.options[[str(option) for option in self.options].index(text)]


@dataclass(frozen=True)
class Number:
    """A number within bounds."""

    low: float
    high: float
    whole: bool = False

    @property
    def must_be(self) -> str:
        """What the parameter must be, in words."""
        return f"{'a whole number ' if self.whole else ''}between {self.low:g} and {self.high:g}"

    def parse(self, text: str) -> Any:
        """The number, as an int if it is whole."""
        value = float(text)
        if not self.low <= value <= self.high or (self.whole and not value.is_integer()):
            raise ValueError(text)
        return int(value) if self.whole else value


@dataclass(frozen=True)
class Numbers:
    """Numbers within bounds, separated by commas: as many as `count`, or any number of them."""

    each: Number
    count: int | None = None

    @property
    def must_be(self) -> str:
        """What the parameter must be, in words."""
        count = f"{self.count} numbers" if self.count else "numbers"
        return f"{count} separated by commas, each {self.each.must_be}"

    def parse(self, text: str) -> Any:
        """The numbers."""
        values = [self.each.parse(part) for part in text.split(",")]
        if self.count not in (None, len(values)):
            raise ValueError(text)
        return values


@dataclass(frozen=True)
class Digits:
    """Different digits without anything between them: "37"."""

    must_be = "different digits such as 37"

    def parse(self, text: str) -> Any:
        """The digits."""
        values = [Number(0, CLASSES - 1, whole=True).parse(letter) for letter in text]
        if not values or len(set(values)) < len(values):
            raise ValueError(text)
        return values


@dataclass(frozen=True)
class Text:
    """Any text, such as a name. The page that reads it says if there is nothing of that name."""

    must_be = "a text"

    def parse(self, text: str) -> Any:
        """The text."""
        return text


Kind = OneOf | Number | Numbers | Digits | Text
"""What a parameter may be. `parse` raises a ValueError for a text that it may not be."""
