"""The toggles with which an owner shares and pins; for others, whose it is."""

from collections.abc import Callable

import streamlit as st

from ui.public import permissions
from ui.shared.callbacks import escaped
from vae import settings
from vae.files import registry
from vae.public import names
from vae.runs.run import Run


def of_run(run: Run, where: str = "") -> None:
    """Those of a run, where it is called; `where` is that of `ui.shared.callbacks.try_action`."""
    if not settings.public() or run.ships:
        return
    if not permissions.may_change_run(run.id):
        owner = escaped(permissions.owner_of(run.ownership, names.all_names()))
        who = "a teacher" if owner == "nobody" else owner
        changes = "a teacher" if owner == "nobody" else "its owner"
        st.caption(f"Shared by {who}; only {changes} can change it.", width="content")
        return
    _toggle(
        "Shared with everyone",
        run.ownership.shared,
        f"share_{run.id}",
        "All visitors can then look at this run and use its model. Nobody else can change it.",
        lambda on: permissions.change_run(run.id, run.share, on, where=where),
    )
    _toggle(
        "Pinned",
        run.pinned,
        f"pin_{run.id}",
        "A pinned run is not deleted to make room for a new one.",
        lambda on: permissions.change_run(run.id, run.pin, on, where=where),
    )


def of_model(name: str) -> None:
    """That of a model, where it is called."""
    if settings.public():
        _toggle(
            "Shared with everyone",
            registry.ownership(name).shared,
            f"share_model_{name}",
            "All visitors can then use and download this model. Nobody else can change it.",
            lambda on: permissions.change_model(name, registry.share, name, on, where="models"),
        )


def _toggle(label: str, on: bool, key: str, text: str, change: Callable[[bool], None]) -> None:
    if st.session_state.get(key) != on:  # At first, after a refusal, or changed in another tab.
        st.session_state[key] = on
    st.toggle(label, key=key, help=text, on_change=lambda: change(st.session_state[key]))
