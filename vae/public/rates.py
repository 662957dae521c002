"""How often something may be done in a time, in this process."""

import ipaddress
from functools import cache, lru_cache

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_LIMITER = MovingWindowRateLimiter(MemoryStorage())


def is_allowed(limit: str, what: str, who: str = "") -> bool:
    """Count one more and return whether it is within the limit; one too many is not counted.

    Args:
        limit: such as "5/minute" or "4/2 minutes".
        what: the action that is limited.
        who: the visitor or address that is limited; empty for all together.
    """
    return _LIMITER.hit(_parsed(limit), what, who)


@lru_cache(maxsize=1024)
def network(host: str) -> str:
    """What counts as one address: of IPv6, a connection has all that share the first half."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    if mapped := address.ipv4_mapped:
        return str(mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def forget() -> None:
    """Forget what was counted."""
    _LIMITER.storage.reset()


@cache
def _parsed(limit: str) -> RateLimitItem:
    return parse(limit)
