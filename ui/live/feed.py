"""New data for components on the page, without the code of these; see feed.js."""

from typing import Any

from ui.live import component, loader

_feed = component("feed")


def send(feeds: dict[str, Any]) -> None:
    """Send the newest value of each name; call it once in a page, after its components."""
    _feed(data=feeds, key="feed", height="content", on_failed_change=loader.report_failure)
