"""The trained models that the pages share: the choice of one, and what there is to know of it."""

import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from ui import model_card
from vae import settings
from vae.errors import WeightsError
from vae.model import weights
from vae.model.numpy_model import TrainedVAE

DEFAULT = "conv"

_thread = threading.local()


@contextmanager
def navigation() -> Iterator[None]:
    """ParamChange that `app.py` runs the page script: see `require_navigation`."""
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


def picker() -> None:
    """Let the visitor choose the model that `current` returns; the choice is in the URL."""
    names = list(weights.available())
    if not names:
        st.error("There is no trained model; train one in the terminal: python -m vae train")
        st.stop()
    # A link to a page cannot set a parameter that is bound to a widget; this one is not.
    if (wanted := st.query_params.pop("use", None)) in names:
        st.session_state.model = wanted
    about = st.container(width="content")
    st.selectbox(
        "Model",
        names,
        index=names.index(DEFAULT) if DEFAULT in names else 0,
        key="model",
        bind="query-params",
        label_visibility="collapsed",
        width=160,
    )
    about.caption(_describe(st.session_state.model))
    shown = st.popover("Model card", icon=":material/id_card:", on_change="rerun", key="card")
    if shown.open:  # It is drawn when it is opened, not before.
        with shown:
            model_card.show(st.session_state.model, current())
            _exchange(st.session_state.model)


def current() -> TrainedVAE:
    """The chosen model; a page without one shows why and ends here."""
    try:
        return _load(weights.available()[st.session_state.model])
    except WeightsError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def _exchange(name: str) -> None:
    """Take the model home, or bring one."""
    path = weights.available()[name]
    st.download_button(
        "Download this model",
        path.read_bytes,
        file_name=path.name,
        icon=":material/download:",
        on_click="ignore",
    )
    brought = st.file_uploader(
        "Bring a model",
        type="safetensors",
        max_upload_size=weights.MOST_BYTES // 2**20 + 1,
        key=f"brought_{st.session_state.setdefault('brought', 0)}",
    )
    if not brought:
        return
    wanted = Path(brought.name).stem.lower()
    name = st.text_input("Its name", wanted if weights.NAME.fullmatch(wanted) else "brought")

    def take() -> None:
        try:
            weights.receive(brought.getvalue(), name)
        except WeightsError as error:
            st.session_state.refused = str(error)
        else:
            st.session_state.model = name
            st.session_state.brought += 1

    st.button("Put it into the picker", icon=":material/upload:", on_click=take)
    if refused := st.session_state.pop("refused", ""):
        st.error(refused)


def _describe(name: str) -> str:
    """Accuracy, fidelity and size, as far as they are known."""
    try:
        path = weights.available()[name]
        metrics, size = _load(path).metrics, path.stat().st_size
    except (WeightsError, OSError, KeyError):
        return "cannot be read"
    if "accuracy" not in metrics:
        return "in training"
    words = [f"reads {metrics['accuracy']:.1%}"]
    if "quality" in metrics:
        words.append(f"draws {metrics['quality']['fidelity']:.1%} right")
    return " · ".join([*words, f"{size / 1e6:.1f} MB"])


def _load(path: Path) -> TrainedVAE:
    try:
        return _cached(str(path), path.stat().st_mtime_ns)
    except OSError:
        raise WeightsError(f"There is no model {path.stem!r} any more.") from None


@st.cache_resource(show_spinner=False, max_entries=64)
def _cached(path: str, _modified: int) -> TrainedVAE:
    return weights.load(path)
