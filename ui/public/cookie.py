"""The cookie in the browser."""

from collections.abc import Callable

from ui.components import component, triggered

_KEY = "visitor_cookie"

_cookie = component("public/cookie")


def set_cookie(name: str, value: str, force: bool, on_found: Callable[[], None]) -> None:
    """Have the browser keep a cookie, and call `on_found` when it has tried; see `found`.

    Args:
        name: of the cookie.
        value: of the cookie, of which what is before the first full stop is the visitor's id.
        force: whether a cookie with another id is replaced.
        on_found: called then, and if the component fails.
    """
    _cookie(
        data={"name": name, "value": value, "force": force},
        key=_KEY,
        height="content",
        on_found_change=on_found,
        on_failed_change=on_found,
    )


def found() -> str:
    """What the browser keeps; empty if it keeps no cookies. For the callback `on_found`."""
    return str(triggered(_KEY, "found") or "")
