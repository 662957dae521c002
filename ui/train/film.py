"""A training at its moments, in the browser: what the model drew, and where images lay in z."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from ui.components import component, triggered
from ui.train import points
from vae.params import Params
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status

MAX_EPOCHS = 50
"""Of a longer training only every second, third, … epoch has a picture."""


def caption(params: Params) -> str:
    """What the rows of the pictures are."""
    return "Top row: ten test digits; below it the model's reconstructions. Other rows: " + (
        "all ten digits, each row from one fixed z."
        if params.labelled
        else "each image from a fixed z of its own, since the decoder gets no digit."
    )


_film = component("train/film", html='<div class="film"></div>')
_KEY, _WANTED, _WANTED_MAPS = "film", "film_wanted", "film_wanted_maps"
_MAX_WANTED = 1000
"""Upper bound on the moments that a browser can request."""


def show(run: Run, status: Status) -> None:
    """The pictures and the map, where it is called."""
    wanted, maps = (st.session_state.pop(key, ()) for key in (_WANTED, _WANTED_MAPS))
    _film(
        data=message(run, pictured(run, status), wanted, maps),
        key=_KEY,
        height="content",
        on_want_change=_note_wanted,
        on_map_change=lambda: _note_wanted("map", _WANTED_MAPS),
    )


def message(
    run: Run,
    moments: Sequence[tuple[float, Snapshot]],
    wanted: Collection[float] = (),
    wanted_maps: Collection[float] = (),
) -> dict[str, Any]:
    """All moments, the pictures and maps of those that the element wants, the newest picture."""
    last = len(moments) - 1
    return {
        "run": run.id,
        "captions": {"pictures": caption(run.params), "map": points.caption(run)},
        "moments": [[epochs, snapshot.label] for epochs, snapshot in moments],
        "frames": [
            [epochs, b64encode(png).decode()]
            for i, (epochs, snapshot) in enumerate(moments)
            if (i == last or epochs in wanted) and (png := snapshot.read())
        ],
        "maps": [
            [epochs, points.message(snapshot, run.params)]
            for epochs, snapshot in moments
            if epochs in wanted_maps
        ],
        "digits": points.digits() if wanted_maps else "",
    }


def pictured(run: Run, status: Status) -> list[tuple[float, Snapshot]]:
    """The snapshots, a bounded number, each with how many epochs were done then."""
    found = run.snapshots()
    stride = max((snapshot.epoch for snapshot in found), default=0) // MAX_EPOCHS + 1
    steps = run.params.steps_per_epoch()
    chosen = [
        (round(snapshot.epoch + snapshot.step / steps, 4), snapshot)
        for snapshot in found
        # The last step of the epoch is the same moment as its end.
        if snapshot.step < steps and (snapshot.epoch % stride == 0 or snapshot is found[-1])
    ]
    for now in run.snapshot_now() if status.state == "paused" else ():
        moment = round(now.epoch + now.step / steps, 4)
        if not chosen or moment > chosen[-1][0]:
            chosen.append((moment, now))
    return chosen


def _note_wanted(trigger: str = "want", key: str = _WANTED) -> None:
    # A browser may send anything: only so much of it is looked at.
    wanted = triggered(_KEY, trigger)
    some = wanted[:_MAX_WANTED] if isinstance(wanted, list) else []
    st.session_state[key] = {epochs for epochs in some if isinstance(epochs, int | float)}
