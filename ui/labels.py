"""Figures as a person says them."""

from typing import Any


def duration(seconds: float) -> str:
    """A duration in words, to two figures or so."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole, rest = divmod(round(seconds), 60)
    return f"{whole} min {rest} s" if whole < 5 else f"{round(seconds / 60)} min"


def plain(value: Any) -> str:
    """A parameter's value as a person writes it."""
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
