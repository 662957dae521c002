"""What all pages share: the process' set-up, direct links to them, the chosen model."""

import base64
import gc
import hashlib
import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from ui.public import visitor
from vae import settings
from vae.errors import WeightsError
from vae.model import registry, weights
from vae.model.numpy_model import TrainedVAE
from vae.public import access

_ICON = Path(__file__).with_name("icon.png")
ICON = f"data:image/png;base64,{base64.b64encode(_ICON.read_bytes()).decode()}"
"""The icon of the pages, as text: a file would be fetched again whenever the address changes."""

_thread = threading.local()


@st.cache_resource(show_spinner=False)
def prepare_process() -> None:
    """Load what the first drawing needs, spare the libraries from garbage collection.

    The interval at which threads take turns stays Python's default of 5 ms. With 0.5 ms the slowest
    twentieth of 50 visitors' turns took as long on an idle machine (0.16 s against 0.13 to 0.15 s),
    and 1.2 s instead of 0.3 s on a busy one.
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


class Loaded(NamedTuple):
    """The model in a file.

    Attributes:
        model: itself.
        modified: when the file was written, ns.
        digest: of the weights; another one is another model for the browser.
    """

    model: TrainedVAE
    modified: int
    digest: str


def current() -> tuple[TrainedVAE, str]:
    """The chosen model and its id in the browser; a page without one shows why and ends here."""
    name = st.session_state.model
    try:
        path = model_path(name)
        loaded = load(path)
        return registry.with_names(path, loaded.model), f"{name}@{loaded.digest}"
    except WeightsError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def model_path(name: str) -> Path:
    """The file of a model.

    Raises:
        WeightsError: there is none of that name that the visitor sees.
    """
    return access.model(visitor.current(), name)


def load(path: Path) -> Loaded:
    """The model in a file, which is read again only when it has changed.

    Raises:
        WeightsError: it is damaged, or there is no such file any more.
    """
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        raise WeightsError(f"There is no model {path.stem!r} any more.") from None
    newest = _newest(str(path))
    if not newest or newest[0].modified != modified:
        model = weights.load(path)
        newest[:] = [Loaded(model, modified, _digest(model))]
    return newest[0]


@st.cache_resource(show_spinner=False, max_entries=64)
def _newest(path: str) -> list[Loaded]:
    """What was last read from a file, if anything: a training replaces its file at each epoch."""
    return []


def _digest(model: TrainedVAE) -> str:
    """Of what `ui.live.model.pack.pack` sends to the browser."""
    sent = f"{model.params.to_json()} {model.metrics.get('temperature')} {model.digest()}"
    return hashlib.sha256(sent.encode()).hexdigest()[:16]
