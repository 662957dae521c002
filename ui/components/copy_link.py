"""A button that copies the address of the page."""

from collections.abc import Mapping
from types import MappingProxyType

from ui.components import component

_NOTHING: Mapping[str, str | None] = MappingProxyType({})

_HTML = '<button type="button" class="copy">Copy link</button>'
_button = component("components/copy_link", _HTML)


def copy_link(
    label: str, extra: Mapping[str, str | None] = _NOTHING, in_address: bool = False
) -> None:
    """Show the button.

    Args:
        label: its text.
        extra: parameters of the link besides those of the address and of the components on the
            page; None takes one out.
        in_address: whether the address of the page gets these parameters, too, so that they
            survive a reload. From Python, each change would be one more step for Back.
    """
    _button(
        data={"label": label, "extra": dict(extra), "inAddress": in_address},
        key="copy_link",
        width="content",
        height="content",
    )
