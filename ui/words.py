"""Figures as a person says them."""


def duration(seconds: float) -> str:
    """A duration in words, to two figures or so."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole, rest = divmod(round(seconds), 60)
    return f"{whole} min {rest} s" if whole < 5 else f"{round(seconds / 60)} min"
