"""Who the visitor of this session is, and the cookie by which they are known when they return."""

import streamlit as st

from ui.live.public import cookie
from vae import settings
from vae.errors import VAELabError
from vae.public import identity
from vae.public.identity import EVERYONE, Visitor

_VISITOR, _KEPT, _FORCE, _ADOPTED = "visitor", "kept_cookie_of", "force_cookie", "adopted_visitor"


def current() -> Visitor:
    """The visitor of this session.

    Raises:
        VAELabError: as `vae.public.identity.cookie`.
    """
    if not settings.public():
        return EVERYONE
    state = st.session_state
    if _VISITOR not in state:
        state[_VISITOR] = _arrived()
    return state[_VISITOR]


def begin() -> None:
    """Get to know the visitor; if that fails, the page shows why and ends here."""
    try:
        current()
    except VAELabError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def user_exists() -> bool | None:
    """Whether the visitor has logged in with `st.login`; None if the server has no log-in."""
    return st.user.get("is_logged_in")  # type: ignore[return-value]


def set_teacher(teacher: bool) -> None:
    """Give the visitor the teacher's rights, or take them away, in this browser."""
    st.session_state[_VISITOR] = current()._replace(teacher=teacher)


def keeps_no_cookies() -> bool:
    """Whether the browser has said that it keeps none: the visitor is forgotten with the page."""
    return st.session_state.get(_KEPT, EVERYONE) is None


def keep() -> None:
    """Show the element, which has no looks, that has the browser keep the visitor's cookie.

    It is there until the browser has said that it does.
    """
    if settings.public() and not _is_kept():
        _keep()


def _arrived() -> Visitor:
    brought = identity.read(st.context.cookies.get(identity.cookie_name(), ""))
    if user_exists():
        user = identity.of_user(str(st.user.get("iss")), str(st.user.get("sub")))
        return brought if brought and brought.id == user.id else user
    if brought:
        st.session_state[_KEPT] = brought
    return brought or identity.new()


def _is_kept() -> bool:
    """Whether there is nothing to keep, or it has been tried."""
    state, visitor = st.session_state, current()
    if user_exists() and not visitor.teacher and _KEPT not in state:
        return True  # The log-in has a cookie of its own.
    return _KEPT in state and state[_KEPT] in (visitor, None)


@st.fragment
def _keep() -> None:
    if st.session_state.pop(_ADOPTED, False):
        st.rerun()  # All that is on the page was that of another visitor.
    if not _is_kept():
        visitor = current()
        force = st.session_state.get(_FORCE, False) or bool(user_exists())
        cookie.keep(identity.cookie_name(), identity.cookie(visitor), force, _note_found)


def _note_found() -> None:
    """Another tab's cookie makes this session's visitor the same; an altered one is replaced."""
    state, kept = st.session_state, cookie.found()
    visitor = identity.read(kept)
    if not kept:
        state[_KEPT] = None
    elif not visitor:
        state[_FORCE] = True
    elif visitor.id == current().id or not user_exists():
        state[_ADOPTED] = visitor != current()
        state[_VISITOR] = state[_KEPT] = visitor
