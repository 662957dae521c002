"""A class: the field for the teacher's token, what only a teacher can do, the pupils' names."""

from collections.abc import Sequence

import streamlit as st

from ui.public import permissions, visitor
from ui.shared.callbacks import escaped, report_error, show_action_error, try_action
from vae import settings
from vae.errors import OwnershipError
from vae.files.owners import Ownership
from vae.public import actions, identity, names
from vae.runs.states import ACTIVE
from vae.runs.store import Summary

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
    if identity.has_teacher() and not visitor.current().teacher:
        _name_field("own_name")
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


def ask_name() -> None:
    """Ask a visitor of a class for a name, where it is called, as long as they have none."""
    if identity.has_teacher() and visitor.current().id not in names.all_names():
        _name_field("asked_name")


def _name_field(key: str) -> None:
    who = visitor.current()
    st.session_state.setdefault(key, names.all_names().get(who.id, ""))
    st.text_input(
        "Your name",
        key=key,
        max_chars=names.MAX_NAME,
        placeholder="Such as Anna, group 3",
        help="Your teacher sees it next to your runs. If you share a run, everybody does.",
        on_change=lambda: try_action(names.set_name, who, st.session_state[key], where="name"),
        width=300,
    )
    show_action_error("name")


def pupils(listed: Sequence[Summary]) -> None:
    """Who has which runs and how good they are, where it is called, for a teacher."""
    if not settings.public() or not visitor.current().teacher:
        return
    known = names.all_names()
    of: dict[str, list[Summary]] = {who: [] for who in known}
    for summary in listed:
        of.setdefault(summary.ownership.owner, []).append(summary)
    for other in ("", visitor.current().id):
        of.pop(other, None)
    if not of:
        return
    rows = [
        {
            "Visitor": permissions.owner_of(Ownership(who), known),
            "Runs": len(runs),
            "At work": sum(summary.state in ACTIVE for summary in runs),
            "Best accuracy": max((s.figures.get("val_accuracy", 0.0) for s in runs), default=None),
            "Last run": runs[0].run.title if runs and runs[0].run else "",
        }
        for who, runs in of.items()
    ]
    with st.expander(f"Visitors: {len(rows)}", icon=":material/groups:"):
        rows.sort(key=lambda row: str(row["Visitor"]).casefold())
        accuracy = st.column_config.NumberColumn(format="percent")
        st.dataframe(rows, hide_index=True, column_config={"Best accuracy": accuracy})


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
