"""From which addresses the app may be used: the host of a request, and the page that sends it."""

import ipaddress
import os
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response


def refusal(connection: HTTPConnection) -> Response | None:
    """The answer to a request for another host, or from a page of another origin.

    A web page that somebody visits can send requests to this server, and can let its own name lead
    here. Only names that others can register are unknown: an IP address, a name without a full stop
    and one of the local network cannot be those of a foreign page.
    """
    host = connection.headers.get("host", "")
    if not (_is_local(host) or host in {urlsplit(origin).netloc for origin in _origins()}):
        text = "This host is unknown here. VAE_ORIGIN names those that are known.\n"
        return PlainTextResponse(text, 421)
    origin = connection.headers.get("origin")
    if origin is None or origin == own_origin(connection):
        return None
    return PlainTextResponse("Another site cannot use this server.\n", 403)


def is_https(connection: HTTPConnection) -> bool:
    """Whether the browser reaches the app by HTTPS, which a proxy may end."""
    encrypted = connection.url.scheme in ("https", "wss")
    return encrypted or f"https://{connection.headers.get('host')}" in _origins()


def own_origin(connection: HTTPConnection) -> str:
    """The origin of the app's pages as the sender of a request sees it."""
    return f"http{'s' if is_https(connection) else ''}://{connection.headers.get('host')}"


def embedding() -> str:
    """The origins in VAE_EMBED, whose pages may show the app in a frame; empty: none."""
    return os.environ.get("VAE_EMBED", "")


def _origins() -> list[str]:
    """The origins in VAE_ORIGIN, and that of a Space of Hugging Face."""
    space = os.environ.get("SPACE_HOST")
    return [*os.environ.get("VAE_ORIGIN", "").split(), *([f"https://{space}"] if space else [])]


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or "."
        if "." not in name or name.endswith(".local"):
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
