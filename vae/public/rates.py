"""How often something may be done in a time, in this process."""

import threading
import time
from collections import OrderedDict, deque

from vae.errors import QuotaError

_MAX_KEYS = 10_000
"""Keys that are kept, so that new visitors cannot fill the memory."""


class RateLimit:
    """At most `times` in any `seconds`, for each key."""

    def __init__(self, times: int, seconds: float) -> None:
        self._times, self._seconds = times, seconds
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, refusal: str, key: str = "", now: float | None = None) -> None:
        """Count one more.

        Args:
            refusal: the sentence if that is one too many.
            key: whose.
            now: the time, s, of any clock that is not set back.

        Raises:
            QuotaError: if it is one too many, which is not counted.
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            counted = self._counted.setdefault(key, deque())
            self._counted.move_to_end(key)
            while counted and counted[0] <= now - self._seconds:
                counted.popleft()
            if len(counted) >= self._times:
                raise QuotaError(refusal)
            counted.append(now)
            if len(self._counted) > _MAX_KEYS:
                self._counted.popitem(last=False)
