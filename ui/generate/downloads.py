"""The downloads of the Generate page: the picture, its code, and many digits."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from ui.components.copy_link import copy_link
from ui.generate import code, download, grid, slider_sync
from ui.generate.choices import Choices
from ui.public import limits
from ui.shared import labels
from ui.shared.address import OWN, PRIOR, SAMPLE
from vae import settings
from vae.errors import VAELabError
from vae.files.export import MAX_COUNT, generate_dataset
from vae.model.numpy_model import TrainedVAE

SIZES = {"1×": 1, "4×": 4, "16×": 16}
_DEFAULT = "4×"

_FILE = "digits.npz"
_MAX_SECONDS = 120
"""Seconds of making a file: after 180 Streamlit's page stops waiting, and servers are busy."""

_TIMED = 128
"""Images that are made to see how long one takes."""


@st.fragment
def show(model: TrainedVAE, model_id: str, choices: Choices) -> None:
    """The buttons below the picture: its file, its size, its link, and what is behind "More"."""
    choices = choices.now()
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    size = row.segmented_control(
        "Size of the PNG file",
        list(SIZES),
        default=_DEFAULT,
        required=True,
        key="png_size",
        label_visibility="collapsed",
        width="content",
    )
    scale = SIZES[size]
    with place:
        _picture(model, choices, scale)
    # Opening it runs this again, with what the sliders say then. It has a content before, so that
    # it opens where there is room for it.
    more = row.popover(
        "More", icon=":material/code:", on_change="rerun", key="more", width="content"
    )
    with row:
        copy_link("Copy link")
    if choices.digits:
        # One at a time: both would be higher than the window.
        for_picture, for_many = more.tabs(["Python code of this picture", "Many digits"])
        with for_picture:
            _code(model, choices, scale)
        with for_many:
            _dataset(model, model_id, choices, bool(more.open))
    if more.open:
        slider_sync.show([*choices.values], "sync_under_more")  # So that the code follows them.


def _picture(model: TrainedVAE, choices: Choices, scale: int) -> None:
    def png() -> bytes:
        return grid.png(model, choices, scale)

    hint = f"A pixel of the model becomes {scale} × {scale}."
    download.show(png, hint, enabled=bool(choices.digits))


def _code(model: TrainedVAE, choices: Choices, scale: int) -> None:
    name = st.session_state.model
    text = code.of_picture(name, model, choices, scale, grid.GAP * scale)
    st.code(text, wrap_lines=True)


def _dataset(model: TrainedVAE, model_id: str, choices: Choices, is_open: bool) -> None:
    st.markdown("Images with labels as an NPZ file, to train or to test something else with.")
    sampled = choices.mode == SAMPLE
    spread = choices.values["spread"] if sampled else 1.0
    digits = choices.digits if model.labelled else list(range(10))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    count = row.number_input(
        f"Images, 1 to {MAX_COUNT:,}", 1, MAX_COUNT, 1000, key="npz_count", width=180
    )
    seconds = count * _seconds_per_image(model_id, model) if is_open else 0.0
    command = _command(count, choices, digits, spread)
    row.download_button(
        "Download NPZ",
        partial(_npz, command),  # One call for each click, with what is chosen now.
        file_name=_FILE,
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        disabled=seconds > _MAX_SECONDS,
    )
    labelled = (
        f"digits {', '.join(map(str, digits))} in turn"
        if model.labelled
        else "labels as the classifier reads the images"
    )
    st.caption(
        f"x ({count}, 28, 28) uint8 and y ({count},): {labelled}; each from a z of its own, "
        f"{OWN.lower() if choices.own else PRIOR.lower()}, spread {spread:g}, seed {choices.seed}. "
        "The knobs and the contrast are not used. "
        f"Takes about {labels.duration(max(seconds, 1))} on this server."
    )
    if seconds > _MAX_SECONDS:
        st.warning(
            "The page does not wait that long: choose fewer, or make them in the terminal.",
            icon=":material/hourglass:",
        )
    st.code(command, language="bash", wrap_lines=True)


def _command(count: int, choices: Choices, digits: list[int], spread: float) -> str:
    parts = [
        f"python -m vae generate {st.session_state.model} --npz {_FILE} --count {count}",
        f"--seed {choices.seed}",
    ]
    if len(digits) < 10:
        parts.append(f"--digits {''.join(map(str, digits))}")
    if choices.own:
        parts.append("--source own")
    if spread != 1:
        parts.append(f"--spread {spread:g}")
    return " ".join(parts)


def _npz(command: str) -> bytes:
    """The file that a command makes, in a process that leaves the processor to the pages.

    Raises:
        VAELabError: if it makes none in time.
    """
    _, *arguments = command.split()
    with limits.one_dataset(), TemporaryDirectory() as folder:
        file = Path(folder, _FILE)
        arguments[arguments.index(_FILE)] = str(file)
        try:
            subprocess.run(
                ["nice", sys.executable, *arguments],
                cwd=settings.ROOT,
                capture_output=True,
                text=True,
                timeout=_MAX_SECONDS,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise VAELabError("Making the file takes too long. Choose fewer images.") from None
        except subprocess.CalledProcessError as error:
            reason = error.stderr.rpartition("vae: ")[2].strip() or "its process was ended."
            raise VAELabError(f"The file was not made: {reason}") from None
        return file.read_bytes()


@st.cache_data(show_spinner=False, max_entries=64, ttl=60)
def _seconds_per_image(model_id: str, _model: TrainedVAE) -> float:
    """Measured with a few, twice: the first time is slower. How busy the server is changes."""
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        generate_dataset(_model, _TIMED).to_npz()
        taken.append(time.perf_counter() - start)
    return min(taken) / _TIMED
