"""A teacher: the field for the token, and what only a teacher can do."""

import streamlit as st

from ui.public import visitor
from ui.shared.callbacks import escaped, report_error, show_action_error, try_action
from vae import settings
from vae.errors import OwnershipError
from vae.public import actions, identity

_TOKEN, _CONFIRM, _WORD = "teacher_token", "clear_confirmation", "CLEAR"


def sign_in() -> None:
    """The field for the token and the log-in of the server, if it has them; where it is called."""
    if not settings.public():
        return
    st.divider()
    logged_in = visitor.user_exists()
    if not logged_in and visitor.keeps_no_cookies():
        st.caption(
            "This browser keeps no cookies: what you make is yours until you close this page."
        )
    if logged_in:
        st.button("Log out", icon=":material/logout:", on_click=st.logout)
    elif logged_in is False:
        st.button("Log in", icon=":material/login:", on_click=st.login)
    if visitor.current().teacher:
        st.caption(
            "You are a teacher here: you can see and change everyone's runs and models. The Runs "
            "page has *Stop all* and *Clear everything* for you."
        )
        st.button(
            "Leave the teacher's view",
            icon=":material/school:",
            on_click=try_action,
            args=(identity.set_teacher, visitor.current().id, False),
            kwargs={"where": "teacher"},
        )
    elif identity.has_teacher():
        st.text_input(
            "Teacher's token",
            type="password",
            key=_TOKEN,
            autocomplete="off",
            on_change=try_action,
            args=(_become_teacher,),
            kwargs={"where": "teacher"},
        )
    elif settings.teacher_token():
        st.caption(
            "Nobody can be a teacher here: VAE_TEACHER_TOKEN has fewer than "
            f"{settings.MIN_TOKEN} characters."
        )
    show_action_error("teacher")


def controls() -> None:
    """The buttons that stop and clear everything, where they are called."""
    if not settings.public() or not visitor.current().teacher:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Teacher**", width="content")
        st.button(
            "Stop all",
            icon=":material/stop_circle:",
            help="Stops all runs that wait, train or pause. They can be resumed.",
            on_click=try_action,
            args=(_stop_all,),
            kwargs={"where": "teacher_runs"},
        )
        with st.popover("Clear everything", icon=":material/delete_sweep:"):
            st.markdown(
                "Delete the runs and the models of all visitors but you. What was made in the "
                "terminal or before the server was public stays."
            )
            typed = st.text_input(f"Type {_WORD} to confirm", key=_CONFIRM, live=True)
            st.button(
                "Delete all of them",
                type="primary",
                disabled=typed != _WORD,
                on_click=try_action,
                args=(_clear,),
                kwargs={"where": "teacher_runs"},
            )
    show_action_error("teacher_runs")


def _become_teacher() -> None:
    typed, st.session_state[_TOKEN] = st.session_state[_TOKEN], ""
    if not typed:
        return
    if not identity.is_token(typed, visitor.current()):
        raise OwnershipError("That is not the teacher's token.")
    identity.set_teacher(visitor.current().id, True)


def _stop_all() -> None:
    outcome = actions.stop_all(visitor.current())
    st.toast(f"Stopped: {outcome.done}", icon=":material/check:")
    if outcome.problems:
        report_error(
            f"Not stopped: {len(outcome.problems)}. {escaped(outcome.problems[0])}", "teacher_runs"
        )


def _clear() -> None:
    typed, st.session_state[_CONFIRM] = st.session_state[_CONFIRM], ""
    if typed != _WORD:
        raise OwnershipError(f"Nothing was deleted: type {_WORD} to confirm.")
    outcome = actions.clear(visitor.current())
    st.toast(
        f"Deleted: {outcome.done} runs and models of visitors. Yours, those of nobody and those "
        "that ship with the app stay.",
        icon=":material/check:",
    )
    if outcome.problems:
        report_error(
            f"Not deleted: {len(outcome.problems)}. {escaped(outcome.problems[0])} "
            "Runs that train are being stopped: clear everything again in a moment.",
            "teacher_runs",
        )
