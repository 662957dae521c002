"""What every request passes before a route answers it, and every answer before it is sent."""

import asyncio
from collections import Counter

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_secrets_auth_section

from ui.components.addresses import FOREVER, base
from ui.server import html, origins
from ui.server.rates import refusal_of_one_more
from vae.files.weights import MAX_BYTES
from vae.public.rates import network

_OPEN_STREAMLIT = ("health", "host-config", "stream", "upload_file/", "bidi-components/")
"""Streamlit's own addresses below `/_stcore/` that the pages need."""

_BODY_BYTES, _FORM_BYTES = 4096, 10_000
"""Of a request that is no upload; of the form around an uploaded file."""

_PART_SECONDS = 20
"""Between two parts of a body."""

_PIECE = 65_536
"""Bytes of an answer that are sent at once: a client that reads nothing has the server keep
two such pieces.
"""


class Guard:
    """Middleware: refuses what no page of the app asks for, and says what browsers may do.

    Args:
        app: what answers.
        public: whether there are limits for each address.
        upload_bytes: of the largest file that may be uploaded.
    """

    def __init__(self, app: ASGIApp, public: bool = False, upload_bytes: int = MAX_BYTES) -> None:
        self._app, self._public, self._upload_bytes = app, public, upload_bytes
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if refusal := origins.refusal(connection):
            await refusal(scope, receive, send)
            return
        answer = _guarded_send(connection, send)
        address = network(scope["client"][0] if scope["client"] else "")
        if refusal := self._refusal(connection, address):
            await refusal(scope, receive, answer)
        elif scope["type"] == "websocket":
            self._open[address] += 1
            try:
                await self._app(scope, receive, answer)
            finally:
                self._open[address] -= 1
        else:
            upload = _is_upload(connection)
            most = self._upload_bytes + _FORM_BYTES if upload else _BODY_BYTES
            await self._app(scope, _bounded_receive(receive, most), answer)

    def _refusal(self, connection: HTTPConnection, address: str) -> Response | None:
        path = _path(connection)
        upload = path if _is_upload(connection) else ""
        refusal = None
        if self._public:
            refusal = refusal_of_one_more(connection, address, self._open, upload)
        if not refusal and _is_closed(path):
            refusal = PlainTextResponse("Not found\n", 404)
        return refusal


def _path(connection: HTTPConnection) -> str:
    return str(connection.scope["path"]).removeprefix(base()).lstrip("/")


def _is_upload(connection: HTTPConnection) -> bool:
    is_put = connection.scope.get("method") == "PUT"
    return is_put and _path(connection).startswith("_stcore/upload_file/")


def _is_closed(path: str) -> bool:
    """Whether there is nothing for visitors at a path: metrics, hidden files, a log-in if none is
    set up.
    """
    first, _, rest = path.partition("/")
    if first == "_stcore":
        return not rest.startswith(_OPEN_STREAMLIT)
    if first in ("auth", "oauth2callback"):
        return not get_secrets_auth_section()
    return any(part.startswith(".") for part in path.split("/"))


def _bounded_receive(receive: Receive, most: int) -> Receive:
    """`receive` that ends a body of more than `most` bytes, and one that stays away."""
    size, more = 0, True

    async def bounded_receive() -> Message:
        nonlocal size, more
        try:
            async with asyncio.timeout(_PART_SECONDS if more else None):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408) from None
        more = message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413)
        return message

    return bounded_receive


def _guarded_send(connection: HTTPConnection, send: Send) -> Send:
    """`send` that adds the headers, and waits for the client after each piece of an answer."""
    path = _path(connection)

    async def guarded_send(message: Message) -> None:
        body = message.get("body", b"")
        if message["type"].endswith("http.response.start"):
            headers = MutableHeaders(scope=message)
            headers.update(html.headers(connection))
            if path.startswith("media/"):  # What a visitor has made: no cache may share it.
                headers["Cache-Control"] = "private, no-store"
            elif path.startswith("_stcore/bidi-components/") and message["status"] == 200:
                headers["Cache-Control"] = f"public, {FOREVER}"  # Its name has a digest.
        elif len(body) > _PIECE:
            pieces = memoryview(body)
            for start in range(0, len(body) - _PIECE, _PIECE):
                piece = pieces[start : start + _PIECE]
                await send({**message, "body": piece, "more_body": True})
            rest = len(body) % _PIECE or _PIECE
            message = {**message, "body": pieces[-rest:]}
        await send(message)

    return guarded_send
