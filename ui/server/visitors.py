"""Who the visitor of a request is."""

from starlette.requests import Request

from vae import settings
from vae.public import identity
from vae.public.identity import EVERYONE, Visitor

_LOG_IN = "_streamlit_user"
"""The cookie that Streamlit sets while a user is logged in."""


def of(request: Request) -> Visitor:
    """The visitor of a request's cookie; without one, a new visitor, who owns nothing.

    Raises:
        VAELabError: as `vae.public.identity.read`.
    """
    if not settings.public():
        return EVERYONE
    for https in (True, False):
        visitor = identity.read(request.cookies.get(identity.cookie_name(https), ""))
        if visitor and (not visitor.is_user or _LOG_IN in request.cookies):
            return visitor
    return identity.new()
