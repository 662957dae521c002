"""The HTML of the pages: Streamlit's own, with addresses that hold on every page.

Streamlit's HTML has relative addresses, so that a page with a slash in its path would be blank, and
its code looks for the server below the path of the page first, which is two 404 on each page but
the first. The browser loads what the page needs at once, and what watches its links before
Streamlit shows any.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from html import escape
from pathlib import Path

import streamlit
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ui.components.addresses import base, live
from ui.server import preload
from ui.server.origins import embedding, is_https
from ui.shared.pages import FIRST, PAGES

_HEAD = """<head>
    <script src="{live}/components/backend.js"></script>
    <script type="module" src="{live}/components/page_change.js"></script>"""


def routes() -> list[BaseRoute]:
    """A route for each page, and redirections from addresses that somebody may type."""
    paths = [page for page in PAGES if page != FIRST]
    return [
        Route(f"{base()}/", _page(FIRST)),
        *(Route(f"{base()}/{path}", _page(path)) for path in paths),
        Route(f"{base()}/{FIRST}", _redirect("")),
        *(Route(f"{base()}/{path}/{{rest:path}}", _redirect(path)) for path in paths),
    ]


def headers(connection: HTTPConnection) -> dict[str, str]:
    """What a browser may do with an answer, above all which scripts it may run.

    Those of the app alone, without `eval`: its modules, the two in Streamlit's HTML by their
    digests, and what Streamlit makes `blob:` addresses of to start components. Styles may be
    anywhere, since Streamlit and its components make `<style>` elements.
    """
    found = {
        "Content-Security-Policy": _policy().replace("HOST", connection.headers.get("host", "")),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if not embedding():
        found["X-Frame-Options"] = "SAMEORIGIN"
    if is_https(connection):
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


@cache
def _policy() -> str:
    scripts = re.findall("<script>(.*?)</script>", _html(), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in scripts]
    inline = " ".join(f"'sha256-{digest.decode()}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval' {inline}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' ws://HOST wss://HOST; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; "
        f"frame-ancestors 'self' {embedding()}".rstrip()
    )


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        text = _html().replace("</head>", f"{preload.links(name)}</head>", 1)
        return HTMLResponse(text, headers={"Cache-Control": "no-cache"})

    return page


def _redirect(page: str) -> Callable[[Request], Awaitable[Response]]:
    async def redirect(request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{base()}/{page}{query}")

    return redirect


@cache
def _html() -> str:
    text = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    text = text.replace('"./', f'"{escape(base())}/')
    text = text.replace("<title>Streamlit</title>", "<title>VAE Lab</title>")
    return text.replace("<head>", _HEAD.format(live=escape(live())), 1)
