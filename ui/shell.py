"""What all pages share: the process' set-up, the header, the choice of a model."""

import gc
import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st

from ui import links, model_card, models
from ui.labels import percent
from vae import settings
from vae.errors import WeightsError
from vae.model import registry, weights
from vae.model.numpy_model import TrainedVAE

_thread = threading.local()


@st.cache_resource(show_spinner=False)
def prepare_process() -> None:
    """Load what the first drawing needs, and spare the libraries from garbage collection.

    Streamlit collects garbage after every run of a script, which with the libraries frozen
    takes no time. The interval at which threads take turns stays Python's default of 5 ms. With
    0.5 ms the slowest twentieth of 50 visitors' turns took as long on an idle machine (0.16 s
    against 0.13 to 0.15 s), and 1.2 s instead of 0.3 s on a busy one.
    """
    import_module("scipy.ndimage")
    gc.collect()
    gc.freeze()


@contextmanager
def navigation() -> Iterator[None]:
    """Within it `app.py` runs the page script: see `require_navigation`."""
    _thread.inside = True
    try:
        yield
    finally:
        _thread.inside = False


def require_navigation() -> None:
    """Run `app.py` instead of the calling page script if that was started without it.

    Until `st.navigation` has been called once in a server, Streamlit answers a deep link such as
    `/train` by running `pages/train.py` alone. Without a file of that name it would show a "Page
    not found" dialog.
    """
    if not getattr(_thread, "inside", False):
        runpy.run_path(str(settings.ROOT / "app.py"))
        st.stop()


def header() -> None:
    """The title and the model that `current` returns; the choice of it is in the URL."""
    names = list(registry.available())
    problem = _follow_link(names) if names else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "#### VAE Lab  :gray[:small[a variational autoencoder to try]]", width="stretch"
        )
        if not names:
            st.error("There is no trained model; train one in the terminal: python -m vae train")
            st.stop()
        _picker(names)
    if problem:
        links.warn(problem)


def current() -> TrainedVAE:
    """The chosen model; a page without one shows why and ends here."""
    try:
        return _load(_path(st.session_state.model))
    except WeightsError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def current_id() -> str:
    """An id of the chosen model that changes with its file."""
    name = st.session_state.model
    try:
        return f"{name}@{_path(name).stat().st_mtime_ns}"
    except (WeightsError, OSError):
        return name


def _follow_link(names: list[str]) -> str:
    """Choose the model that the address names; the sentence to show if there is none of it."""
    state = st.session_state
    # A link to a page cannot set a parameter that is bound to a widget; `use` is not bound.
    link = st.query_params.pop("use", None)
    chosen = state.get("model", st.query_params.get("model"))
    wanted = link or chosen
    if wanted is None:
        return ""
    if wanted in names:
        if link:
            state.model = link
        return ""
    state.model = chosen if chosen in names else names[0]
    return links.missing("model", wanted, state.model)


def _picker(names: list[str]) -> None:
    about = st.container(width="content")
    st.selectbox(
        "Model",
        names,
        key="model",
        bind="query-params",
        label_visibility="collapsed",
        width=160,
    )
    name = st.session_state.model
    about.caption(_describe(name))
    # Their contents are drawn when they are opened, not before.
    card = st.popover("Model card", icon=":material/id_card:", on_change="rerun", key="card")
    if card.open:
        with card:
            model_card.show(name, current())
            _download(name)
    manager = st.popover(
        "Manage models", icon=":material/folder_open:", on_change="rerun", key="manager"
    )
    if manager.open:
        with manager:
            models.manage()


def _download(name: str) -> None:
    path = _path(name)
    st.download_button(
        "Download this model",
        path.read_bytes,
        file_name=path.name,
        icon=":material/download:",
        on_click="ignore",
    )


def _describe(name: str) -> str:
    """Accuracy, fidelity and size, as far as they are known."""
    try:
        path = _path(name)
        metrics, size = _load(path).metrics, path.stat().st_size
    except (WeightsError, OSError):
        return "cannot be read"
    if "accuracy" not in metrics:
        return "not measured yet"
    parts = [f"classifies {percent(metrics['accuracy'])}"]
    if "quality" in metrics:
        parts.append(f"draws the digit asked for {percent(metrics['quality']['fidelity'])}")
    return " · ".join([*parts, f"{size / 1e6:.1f} MB"])


def _path(name: str) -> Path:
    try:
        return registry.available()[name]
    except KeyError:
        raise WeightsError(f"There is no model {name!r} any more.") from None


def _load(path: Path) -> TrainedVAE:
    try:
        return _cached(str(path), path.stat().st_mtime_ns)
    except OSError:
        raise WeightsError(f"There is no model {path.stem!r} any more.") from None


@st.cache_resource(show_spinner=False, max_entries=64)
def _cached(path: str, _modified: int) -> TrainedVAE:
    return weights.load(path)
