"""The header of all pages: links to the pages, the choice of a model, its card, and help."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.components import component
from ui.public import permissions
from ui.public.visitor import current as current_visitor
from ui.shared import address
from ui.shared.labels import percent
from ui.shared.loaded_models import load
from ui.shared.pages import WITHOUT_MODEL
from ui.shell import chosen_model, model_card, models
from vae.errors import WeightsError
from vae.public import access
from vae.public.identity import Visitor

_STYLES = [Path(__file__).with_name(name) for name in ("shell.css", "streamlit.css")]
_landmark = component("shell/navigation")

_HELP = """
VAE Lab is for learning what a **variational autoencoder** (VAE) does: it describes an image by a
few numbers, and draws an image from such numbers.

- The **encoder** turns an image into a mean **μ** and a standard deviation **σ** for each number.
- **z** are these numbers, drawn at random around the mean: z = μ + σ · ε, with ε from N(0, 1).
- The **decoder** turns z and a digit into an image.
- The **KL divergence** says how far μ and σ are from N(0, 1); **β** is its weight in the loss.
- **Keyboard**: Tab goes from one control to the next, the arrow keys move a slider or, on the
  canvas, the pen, Enter or Space presses a button. The menu ⋮ in the corner has the light and the
  dark theme.
"""
_PURPOSES = {
    "Draw": "see what the model makes of your digit",
    "Generate": "make digits from numbers that you choose",
    "Explore": "see where digits lie in the latent space, and walk through it",
    "How it works": "follow one image through the model, step by step",
    "Train": "train a model and change its training while it runs",
    "Runs": "compare trainings, keep notes",
}


def show(pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    """The header, at the top of the window; the choice of the model is in the address.

    Where there is no model at all, a page that needs one ends here.
    """
    names = list(permissions.models())
    problem = _model_from_address(names) if names else ""
    for style in _STYLES:
        st.html(style)
    # Streamlit has such a link, too, but to where the header begins.
    st.html('<a class="vae-skip" href="#content">Skip the header</a>')
    with st.container(key="header", horizontal=True, vertical_alignment="center"):
        _navigation(pages, current)
        with st.container(
            key="header_model", horizontal=True, vertical_alignment="center", width="content"
        ):
            if names:
                _picker(names)
            _help(pages, current)
    st.html('<span id="content"></span>')
    if problem:
        address.report(problem)
    address.show_problems()
    if not names:
        st.error("There is no trained model. Train one here, or upload the file of one.")
        if current.url_path not in WITHOUT_MODEL:
            st.stop()


def _navigation(pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    with st.container(
        key="header_pages", horizontal=True, vertical_alignment="center", width="content", gap=None
    ):
        st.html('<span class="vae-name">VAE Lab</span>', width="content")
        for page in pages:
            if page.url_path == current.url_path:
                # A link to the page that is shown already has no use; its name is the heading.
                st.html(
                    '<h1 class="vae-page" aria-current="page" '
                    f'data-page="{page.url_path}">{page.title}</h1>',
                    width="content",
                )
            else:
                st.page_link(page)
        _landmark(data={"row": "st-key-header_pages", "name": "Pages"}, key="header_landmark")


def _model_from_address(names: list[str]) -> str:
    """Choose the model that the address names; the sentence to show if there is none of it."""
    state = st.session_state
    # A link to a page cannot set a parameter that is bound to a widget; `use` is not bound.
    link = address.pop("use")
    chosen = state.get("model", st.query_params.get("model"))
    wanted = link or chosen
    if wanted is None:
        return ""
    if wanted in names:
        if link:
            state.model = link
        return ""
    state.model = chosen if chosen in names else names[0]
    return address.missing("model", wanted, state.model)


def _picker(names: list[str]) -> None:
    st.selectbox(
        "Model",
        names,
        key="model",
        bind="query-params",
        label_visibility="collapsed",
        width=180,
    )
    name = st.session_state.model
    st.html(_figures(name), width="content")
    # Their contents are drawn when they are opened, not before.
    card = st.popover("Model card", icon=":material/id_card:", on_change="rerun", key="card")
    if card.open:
        with card:
            model_card.show(name, chosen_model.current()[0])
            _download(name)
    manager = st.popover(
        "Manage models", icon=":material/folder_open:", on_change="rerun", key="manager"
    )
    if manager.open:
        with manager:
            models.manage()


def _download(name: str) -> None:
    try:
        path = chosen_model.model_path(name)
        size = path.stat().st_size
    except (WeightsError, OSError):  # It has just been deleted.
        return
    st.download_button(
        f"Download this model ({size / 1e6:.1f} MB)",
        partial(_content, current_visitor(), name),
        file_name=path.name,
        icon=":material/download:",
        on_click="ignore",
    )


def _content(visitor: Visitor, name: str) -> bytes:
    """A model's file, if the visitor sees it when the button is pressed."""
    return access.model(visitor, name).read_bytes()


def _figures(name: str) -> str:
    """How often the model is right, as HTML; a screen reader and a pointer get more words."""
    try:
        metrics = load(chosen_model.model_path(name)).model.metrics
    except WeightsError:
        return '<span class="vae-figures">cannot be read</span>'
    if "accuracy" not in metrics:
        return '<span class="vae-figures">not measured</span>'
    accuracy, more = percent(metrics["accuracy"]), "of the test digits"
    if "fidelity" in metrics.get("quality", {}):
        more = f"draws the digit asked for {percent(metrics['quality']['fidelity'])}"
    return (
        f'<span class="vae-figures" title="classifies {accuracy} · {more}">'
        f'<span class="vae-unseen">classifies </span>{accuracy}'
        f'<span class="vae-unseen"> · {more}</span></span>'
    )


def _help(pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    # A popover stays open when one of its links is followed; with another key it is another one.
    place = f"{current.url_path}_{st.query_params.get(address.STEP, '')}"
    with st.popover("Help", icon=":material/help:", key=f"help_{place}"):
        st.markdown(_HELP)
        for page in pages:
            if page.title in _PURPOSES:
                st.page_link(page, label=f"**{page.title}**: {_PURPOSES[page.title]}")
            if page.title == "How it works":
                _glossary(page, page.url_path == current.url_path)


def _glossary(page: StreamlitPage, is_shown: bool) -> None:
    name = "**Glossary**: what the words mean"
    if is_shown:  # A link to the page that is shown would not change the address.
        st.button(name, type="tertiary", on_click=_show_glossary)
    else:
        st.page_link(page, label=name, query_params={address.STEP: address.GLOSSARY})


def _show_glossary() -> None:
    st.query_params[address.STEP] = address.GLOSSARY
