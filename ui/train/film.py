"""A training at its moments, in the browser: what the model drew, and where images lay in z.

The browser fetches pictures and maps when they are to be seen: see `ui/server/run_routes.py`.
"""

from typing import Any

from ui.components import addresses, component
from ui.train import points
from vae.params import Params
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status

MAX_EPOCHS = 50
"""Of a longer training only every second, third, … epoch has a picture."""

show = component("train/film", html='<div class="film"></div>')


def caption(params: Params) -> str:
    """What the rows of the pictures are."""
    return "Top row: ten test digits; below it the model's reconstructions. Other rows: " + (
        "all ten digits, each row from one fixed z."
        if params.labelled
        else "each image from a fixed z of its own, since the decoder gets no digit."
    )


def address(run: Run) -> str:
    """The address below which the server has what belongs to a run."""
    return f"{addresses.base()}/runs/{run.id}"


def message(run: Run, status: Status) -> dict[str, Any]:
    """All moments, with the keys of their pictures."""
    return {
        "run": run.id,
        "address": address(run),
        "captions": {"pictures": caption(run.params), "map": points.caption(run)},
        "moments": [
            [epochs, snapshot.label, snapshot.key] for epochs, snapshot in pictured(run, status)
        ],
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
    for now in run.snapshots(paused=True) if status.state == "paused" else ():
        moment = round(now.epoch + now.step / steps, 4)
        if not chosen or moment > chosen[-1][0]:
            chosen.append((moment, now))
    return chosen
