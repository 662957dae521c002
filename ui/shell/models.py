"""The models of this server: upload one, rename or delete those that visitors made."""

from pathlib import Path

import streamlit as st

from ui.public import limits, permissions, sharing, teacher
from ui.public.visitor import current
from ui.shared.callbacks import show_action_error, try_action
from vae import settings
from vae.files import registry, weights
from vae.public import actions


def manage() -> None:
    """The upload and the list of the visitors' models, where it is called."""
    _upload()
    st.divider()
    own = [
        name
        for name, path in permissions.models().items()
        if not registry.is_shipped_file(path) and permissions.may_change_model(name)
    ]
    if own:
        _edit(own)
    else:
        st.caption("Models that are trained or uploaded here can be renamed and deleted here.")
    show_action_error("models")
    teacher.sign_in()


def _upload() -> None:
    number = st.session_state.setdefault("uploads", 0)  # A new number empties the field.
    file = st.file_uploader(
        "Upload a model",
        type=weights.SUFFIX.removeprefix("."),
        max_upload_size=limits.upload_megabytes(),
        key=f"upload_{number}",
    )
    limits.before_upload()
    if file:
        proposed = registry.fit_name(Path(file.name).stem)
        name = st.text_input("Model name", proposed, key=f"upload_name_{number}")
        st.button(
            "Add to models",
            icon=":material/upload:",
            type="primary",
            on_click=try_action,
            args=(_add, file.getvalue(), name.strip()),
            kwargs={"done": "The model was added", "where": "upload"},
        )
    show_action_error("upload")


def _add(content: bytes, name: str) -> None:
    actions.upload(current(), content, name)
    st.session_state.model = name
    st.session_state.uploads += 1


def _edit(own: list[str]) -> None:
    name = st.selectbox("Trained and uploaded models", own, key="managed")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        new = st.text_input("New name", name, key=f"new_name_{name}")
        st.button(
            "Rename",
            on_click=permissions.change_model,
            args=(name, _rename, name, new.strip()),
            kwargs={"done": "Renamed", "where": "models"},
            disabled=new.strip() == name,
        )
    sharing.of_model(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        seen_by_all = not settings.public() or registry.ownership(name).shared
        what = "Delete this model for everyone" if seen_by_all else "Delete this model"
        confirmed = st.checkbox(what, key=f"confirm_{name}")
        st.button(
            "Delete model",
            icon=":material/delete:",
            on_click=permissions.change_model,
            args=(name, registry.delete, name),
            kwargs={"done": f"The model {name} was deleted", "where": "models"},
            disabled=not confirmed,
        )


def _rename(old: str, new: str) -> None:
    registry.rename(old, new)
    st.session_state.managed = new
    if st.session_state.model == old:
        st.session_state.model = new
