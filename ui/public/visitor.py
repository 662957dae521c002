"""Who the visitor of this session is."""

import streamlit as st

from vae import settings
from vae.public import identity
from vae.public.identity import EVERYONE, Visitor


def current() -> Visitor:
    """The visitor of this session, as `ui/server/visitors.py` knows them by their cookie."""
    if not settings.public():
        return EVERYONE
    return identity.visitor(str(st.user["visitor"]), str(st.context.ip_address or ""))


def user_exists() -> bool | None:
    """Whether the visitor has logged in with `st.login`; None if the server has no log-in."""
    return st.user.get("is_logged_in")  # type: ignore[return-value]


def keeps_no_cookies() -> bool:
    """Whether the browser keeps no cookies, so that the visitor is forgotten with the page."""
    cookies = st.context.cookies
    return not any(identity.cookie_name(https) in cookies for https in (True, False))
