"""New data for components on the page, without the code of these; see feed.js."""

from typing import Any

from ui.live import component
from ui.live.model import loader

_feed = component("train/feed")


def send(name: str, value: dict[str, Any]) -> None:
    """Send the newest value of that name; call it after the component that shows it."""
    _feed(data={name: value}, key=f"feed_{name}", on_failed_change=loader.report_failure)
