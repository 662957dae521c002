"""Who the visitor of a request is: the id in a cookie that no script of the page can read."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui.server.origins import embedding, is_https, own_origin
from vae import settings
from vae.errors import VAELabError
from vae.public import identity
from vae.public.identity import EVERYONE, Visitor

_HEADER = "x-vae-visitor"
_A_YEAR = 365 * 24 * 3600


class Visitors:
    """Middleware: tells the app who the visitor is, and has browsers keep it for a year more.

    A connection without a cookie is a new visitor. Streamlit hands a session over to a connection
    only if both have the same visitor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        config.set_option("server.trustedUserHeaders", {_HEADER: "visitor"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        https = is_https(connection)
        try:
            name = identity.cookie_name(https)
        except VAELabError as error:
            await PlainTextResponse(f"{error}\n", 503)(scope, receive, send)
            return
        visitor_id = identity.read(connection.cookies.get(name, "")) or identity.new_id()

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Set-Cookie", _cookie(name, visitor_id, https))
            await send(message)

        headers = MutableHeaders(raw=list(scope["headers"]))
        headers[_HEADER] = _user_id(connection) or visitor_id
        await self._app({**scope, "headers": headers.raw}, receive, send_with_cookie)


def of(connection: HTTPConnection) -> Visitor:
    """The visitor of a request."""
    if not settings.public():
        return EVERYONE
    return identity.visitor(connection.headers[_HEADER])


def _user_id(connection: HTTPConnection) -> str | None:
    """The id of the user who has logged in by `st.login`, from the cookie that Streamlit signs."""
    kept = starlette_websocket._get_signed_cookie_with_chunks(connection.cookies, USER_COOKIE_NAME)
    if not kept:
        return None
    user = starlette_websocket._parse_decoded_user_cookie(kept, own_origin(connection))
    if not user.get("is_logged_in"):
        return None
    return identity.user_id(str(user.get("iss")), str(user.get("sub")))


def _cookie(name: str, visitor_id: str, https: bool) -> str:
    answer = Response()
    answer.set_cookie(
        name,
        identity.cookie(visitor_id),
        max_age=_A_YEAR,
        secure=https,
        httponly=True,
        samesite="none" if https and embedding() else "lax",
    )
    # In a frame a browser keeps only cookies of the pair of sites.
    return answer.headers["set-cookie"] + ("; Partitioned" if https and embedding() else "")
