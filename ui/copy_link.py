"""A button that copies the address of the page."""

from collections.abc import Mapping
from types import MappingProxyType

from ui.live import component

_NOTHING: Mapping[str, str | None] = MappingProxyType({})

_button = component("copy_link", html='<button type="button">Copy link</button>')


def copy_link(label: str, extra: Mapping[str, str | None] = _NOTHING) -> None:
    """Show the button.

    Args:
        label: its text.
        extra: parameters of the link besides those of the address and of the components on the
            page; None takes one out.
    """
    _button(
        data={"label": label, "extra": dict(extra)},
        key="copy_link",
        width="content",
        height="content",
    )
