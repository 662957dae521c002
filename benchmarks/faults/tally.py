"""What came of many trials, as a row of a table."""

import re
import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable

MAX_SHOWN = 10
"""Faults of a row that are printed in full."""


class Tally:
    """The outcomes of trials of one kind.

    Attributes:
        what: was tried.
        outcomes: how often each came about.
        faults: what should never happen, with its traceback.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        self._slowest = 0.0

    def trial(self, act: Callable[[], str], label: object = "") -> None:
        """Try something, which returns its outcome in words; an exception is a fault.

        Args:
            act: the trial.
            label: says which trial it is, if it is a fault.
        """
        began = time.perf_counter()
        try:
            outcome = act()
        except Exception:
            outcome = "**not handled**"
            self.faults.append(f"{self.what}, {label!r:.300}\n{traceback.format_exc()}")
        self._slowest = max(self._slowest, time.perf_counter() - began)
        self.outcomes[outcome] += 1

    def row(self, memory: bool) -> str:
        """The row: what, how many trials, their outcomes, the slowest; the peak of memory, too."""
        outcomes = ", ".join(f"{count:,} {words}" for words, count in self.outcomes.most_common())
        slowest = f"{1000 * self._slowest:.0f} ms"
        if self._slowest >= 1:
            slowest = f"{self._slowest:.{0 if self._slowest >= 10 else 1}f} s"
        cells = [self.what, f"{self.outcomes.total():,}", outcomes, slowest]
        if memory:
            cells.append(f"{peak():.0f} MiB")
        return f"| {' | '.join(cells)} |"


def peak() -> float:
    """MiB: the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check(condition: object, words: str) -> None:
    """Raise an error with these words unless the condition holds; also without assertions."""
    if not condition:
        raise AssertionError(words)


def check_sentence(error: object) -> None:
    """Check that an error says in a sentence what is wrong."""
    check(re.search(r"\w.*[.?]$", str(error)), f"no sentence: {error}")
