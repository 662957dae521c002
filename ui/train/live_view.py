"""A run while it trains: its progress, what it draws, its curves, and what is worth noticing."""

from typing import Any

import streamlit as st

from ui.components import charts
from ui.components.loss import loss_sum
from ui.public.visitor import current
from ui.shared import labels
from ui.train import curves as live_curves
from ui.train import film
from vae.params import TERMS
from vae.public import access
from vae.runs.notices import notices
from vae.runs.run import Run
from vae.runs.snapshots import animation
from vae.runs.status import Status
from vae.training.progress import Point

_RECENT_POINTS = 10
"""Of a training's curve, a tenth of an epoch, whose mean is its present loss."""

_MAX_NOTICES = 2

_BOXES: dict[str, tuple[Any, str]] = {
    "finished": (st.success, "check_circle"),
    "stopped": (st.info, "stop_circle"),
    "paused": (st.info, "pause_circle"),
    "queued": (st.info, "hourglass_top"),
    "failed": (st.error, "error"),
    "killed": (st.warning, "warning"),
}


def headline(run: Run, status: Status) -> None:
    """One line with the position, the loss as its sum, the speed and the time left; or the end."""
    if status.history.problems:
        st.warning(" ".join(status.history.problems), icon=":material/warning:")
    history = status.history
    if status.state == "measuring":
        st.progress(1.0, "Measuring the model on the test set …")
    elif status.state in ("finished", "stopped") and history.worsened:
        best = f" The best model is that of epoch {history.best_epoch}."
        st.warning(f"{status.message} {history.worsened}{best}", icon=":material/warning:")
    elif run.ships:
        st.caption(status.message)
    elif status.state in _BOXES:
        show, icon = _BOXES[status.state]
        show(_message(status), icon=f":material/{icon}:")
    elif status.seconds_left is None:
        st.progress(0.0, "Compiling the model …" if history.epochs else "Starting …")
    else:
        st.progress(min(status.epochs_done / status.target_epochs, 1.0), _progress(run, status))


def _message(status: Status) -> str:
    if status.state != "paused" or not status.history.points:
        return status.message or "Paused before its first step."
    now = status.history.points[-1]
    return f"Paused in epoch {now.epoch} after step {now.step} of {now.steps}."


def _progress(run: Run, status: Status) -> str:
    points = status.history.points
    now, seconds_left = points[-1], status.seconds_left or 0.0
    recent = [point for point in points[-_RECENT_POINTS:] if point.epoch == now.epoch]
    mean = live_curves.mean_point(recent)
    # The worker has not read yet that fewer epochs are requested than are begun.
    epochs = max(now.epoch, status.target_epochs)
    parts = [f"Epoch {now.epoch} of {epochs}", f"loss {_sum(run, status, mean)}"]
    accuracy = status.history.epochs[-1].get("val_accuracy") if status.history.epochs else None
    if accuracy is not None:
        parts.append(f"accuracy {labels.FIGURES['accuracy'].text(accuracy)}")
    speed = f"{now.examples_per_second:,.0f} images/s"
    return " · ".join([*parts, speed, f"{labels.duration(seconds_left)} left"])


def _sum(run: Run, status: Status, point: Point) -> str:
    terms = {term: getattr(point, term) for term in TERMS}
    return loss_sum(terms, point.epochs_done, run.params, status.history.changes)


def on_test_set(run: Run, status: Status) -> None:
    """The loss on the test set as its sum, and the other figures of the last epoch."""
    history = status.history
    if not history.epochs:
        return
    now, parts = history.epochs[-1], []
    terms = {term: now[f"val_{term}"] for term in TERMS if f"val_{term}" in now}
    if {"recon", "kl", "cls"} <= terms.keys():
        parts.append(loss_sum(terms, now["epoch"], run.params, history.changes))
    else:
        parts.append(labels.FIGURES["loss"].text(now["val_loss"]))
    if "val_accuracy" in now:
        parts.append(f"accuracy {labels.FIGURES['accuracy'].text(now['val_accuracy'])}")
    if (active := history.active[-1]) is not None:
        parts.append(f"{sum(active)} of {run.params.z_dim} dimensions of z in use")
    when = f"after epoch {now['epoch']:.0f}" if now["epoch"] else "before the training"
    st.markdown(f"On the test set {when}: loss {' · '.join(parts)}")


def pictures(run: Run, status: Status) -> None:
    """What the model draws and how it learns, side by side."""
    if not status.history.epochs:
        return
    drawn, learned = st.columns([5, 6], gap="large")
    with drawn:
        film.show(run, status)
        _notices(status)
    with learned:
        live_curves.show(run, status)


def _notices(status: Status) -> None:
    latest = notices(status.history)[-_MAX_NOTICES:]
    if latest:
        lines = [f":material/lightbulb: **Epoch {epoch}:** {text}" for epoch, text in latest]
        st.markdown("  \n".join(lines))


def details(run: Run, status: Status) -> None:
    """The confusion matrix and what can be downloaded, made when they are opened."""
    if not status.history.epochs:
        return
    box = st.expander("Details", on_change="rerun", key="details")
    if not box.open:
        return
    with box:
        matrix, rest = st.columns(2, gap="large")
        with matrix:
            charts.confusion(status.history.confusion[-1])
        with rest:
            if status.history.changes:
                changes = [
                    f"{labels.parameter(change.param)} {change.value:g} at {change.epochs_done:.2f}"
                    for change in status.history.changes
                ]
                st.markdown(f"Dashed lines: {'; '.join(changes)}.")
            frames = run.snapshots()
            if not status.has_worker and len(frames) > 1:
                visitor = current()
                # Its address changes with every update of a run that trains.
                st.download_button(
                    "Download animated GIF",
                    lambda: animation([s.read() for s in access.run(visitor, run.id).snapshots()]),
                    file_name=f"{run.id}.gif",
                    mime="image/gif",
                    icon=":material/gif_box:",
                    on_click="ignore",
                )
