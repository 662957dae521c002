"""The messages between a page and Streamlit: which are let in, and how many bytes may wait."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from ui.server import visitors
from vae.public.rates import is_allowed

_DOWNLOAD = "backend_operation_request"
_NEEDED = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request", _DOWNLOAD)
"""What pages send. Other messages empty the caches of all visitors, or have git run for the names
of changed files.
"""

_DOWNLOADS = "60/minute"
"""Files that a visitor has made."""

_WAITING_BYTES = 8_000_000
"""Of messages to a page. The largest message has less than 1 MB."""

_PROTOCOL_ERROR = 1002


class Messages:
    """Middleware: lets in what pages send, and closes the connection of whoever sends no messages.

    Streamlit would log a traceback for each.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        starlette_websocket.StarletteSessionClient = _ReadingClient  # type: ignore[misc]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        visitor = visitors.of(HTTPConnection(scope)).id

        async def needed() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                try:
                    sent = BackMsg.FromString(message.get("bytes") or b"").WhichOneof("type") or ""
                except DecodeError:
                    sent = ""
                if not sent:
                    await send({"type": "websocket.close", "code": _PROTOCOL_ERROR})
                    return {"type": "websocket.disconnect", "code": _PROTOCOL_ERROR}
                if sent in _NEEDED and (sent != _DOWNLOAD or is_allowed(_DOWNLOADS, sent, visitor)):
                    return message

        await self._app(scope, needed, send)


class _ReadingClient(StarletteSessionClient):
    """Streamlit's end of a connection, which it keeps only as long as the browser reads."""

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        waiting = self._send_queue._queue  # type: ignore[attr-defined]
        if sum(map(len, waiting)) > _WAITING_BYTES:
            waiting.clear()
            self._closed.set()
            raise SessionClientDisconnectedError
        super().write_forward_msg(msg)
