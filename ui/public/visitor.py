"""Who the visitor of this session is, and the cookie by which they are known when they return."""

from urllib.parse import urlsplit

import streamlit as st

from ui.public import cookie
from vae import settings
from vae.errors import VAELabError
from vae.public import identity
from vae.public.identity import EVERYONE, Visitor

_VISITOR, _KEPT, _FORCE, _CHANGED = "visitor", "kept_cookie_of", "force_cookie", "visitor_changed"
_KEEPS_NONE = "keeps_no_cookies"


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
    """Find out who the visitor is; if that fails, the page shows why and ends here."""
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
    st.session_state.setdefault(_KEPT, None)  # What the browser keeps may have the other rights.


def keeps_no_cookies() -> bool:
    """Whether the browser has said that it keeps none: the visitor is forgotten with the page."""
    return bool(st.session_state.get(_KEEPS_NONE))


def keep_cookie() -> None:
    """Show the invisible element that has the browser keep the visitor's cookie for a year more.

    It is there until the browser has said that it does.
    """
    if settings.public():
        # The container stays: without it, all elements after it would be made again.
        with st.container(key="visitor"):
            if not _is_kept():
                _keep()


def _arrived() -> Visitor:
    return _valid(st.context.cookies.get(_cookie_name(), "")) or _user() or identity.new()


def _user() -> Visitor | None:
    """The user who has logged in, if one has."""
    if not user_exists():
        return None
    return identity.of_user(str(st.user.get("iss")), str(st.user.get("sub")))


def _valid(brought: str) -> Visitor | None:
    """The visitor who has this cookie. That of a user is theirs alone and ends with the log-in."""
    visitor, user = identity.read(brought), _user()
    if not visitor:
        return None
    valid = visitor.id == user.id if user else not visitor.is_user
    return visitor if valid else None


def _cookie_name() -> str:
    return identity.cookie_name(https=urlsplit(st.context.url or "").scheme == "https")


def _is_kept() -> bool:
    """Whether the browser keeps the visitor's cookie, keeps none, or there is no need of one."""
    state, visitor = st.session_state, current()
    if keeps_no_cookies() or state.get(_KEPT) == visitor:
        return True
    # The log-in has a cookie of its own.
    return visitor.is_user and not visitor.teacher and _KEPT not in state


@st.fragment
def _keep() -> None:
    if st.session_state.pop(_CHANGED, False):
        st.rerun()  # All that is on the page was that of another visitor.
    if not _is_kept():
        visitor = current()
        force = st.session_state.get(_FORCE, False) or bool(user_exists())
        cookie.set_cookie(_cookie_name(), identity.cookie(visitor), force, _note_found)


def _note_found() -> None:
    """Another tab's cookie makes this session's visitor the same; an altered one is replaced."""
    state, kept = st.session_state, cookie.found()
    visitor = _valid(kept)
    if not kept:
        state[_KEEPS_NONE] = True
    elif not visitor:
        state[_FORCE] = True
    else:
        state[_CHANGED] = visitor != current()
        state[_VISITOR] = state[_KEPT] = visitor
