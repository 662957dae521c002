"""A run while it trains: its progress, what it draws, its curves, and what is worth noticing."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ui.components import charts, component
from ui.components.loss import loss_sum
from ui.public.visitor import current
from ui.shared import labels
from ui.shared.callbacks import keep_errors
from ui.train import bar, curves, film
from vae.params import TERMS, Params
from vae.public import access
from vae.runs.notices import notices
from vae.runs.run import Run
from vae.runs.snapshots import animation
from vae.runs.status import Status
from vae.training import report_units
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


_progress = component("train/progress", html='<progress aria-label="Progress"></progress><p></p>')
_notices = component("train/notices", html="<ul></ul>")


def show(run: Run, status: Status) -> None:
    """The run, where it is called. From then on the browser updates it by the events of the run.

    The page runs again when what the bar or the box says has changed, or an epoch if the details
    are open.
    """
    parts = live_parts(run, status)
    events = "" if run.ships else film.address(run)

    def live(part: str, of: Callable[..., Any]) -> None:
        of(data={"events": events, **parts[part]}, key=part, height="content")

    with st.container(gap=None):
        _box(run, status)
        details = bool(st.session_state.get("details"))
        _progress(
            data={"events": events, "details": details, **parts["progress"]},
            key="progress",
            height="content",
            on_changed_change=keep_errors,
        )
    if not status.is_active:
        _validated(run, status)
    if status.history.epochs:
        drawn, learned = st.columns([5, 6], gap="large")
        with drawn:
            live("film", film.show)
            live("notices", _notices)
        with learned:
            live("curves", curves.show)


def live_parts(run: Run, status: Status) -> dict[str, dict[str, Any]]:
    """What the components show of a run, by their names."""
    latest = notices(status.history, run.params.labelled)[-_MAX_NOTICES:]
    return {
        "progress": progress(run, status),
        "film": film.message(run, status),
        "curves": curves.message(run, status),
        "notices": {"notices": [[f"Epoch {notice.epoch}:", notice.text] for notice in latest]},
    }


def progress(run: Run, status: Status) -> dict[str, Any]:
    """How far it is, in words and from 0 to 1; no words if there is a box instead.

    `page` stands for what the rest of the page shows of the run.
    """
    history = status.history
    page = (*bar.state_of(status), status.sentence, len(history.problems), bool(history.epochs))
    text, share = "", 0.0
    if status.state == "measuring":
        text, share = "Measuring the model on the test set …", 1.0
    elif status.state in ("starting", "running") and status.seconds_left is None:
        text = "Compiling the model …" if status.history.epochs else "Starting …"
    elif status.state in ("starting", "running"):
        text = _now(run, status)
        share = min(status.epochs_done / status.target_epochs, 1.0)
    epochs = len(status.history.epochs)
    return {"text": text, "share": share, "page": repr(page), "epochs": epochs}


def _box(run: Run, status: Status) -> None:
    """What happened to a run that does not train."""
    history = status.history
    if history.problems:
        st.warning(" ".join(history.problems), icon=":material/warning:")
    if status.state in ("finished", "stopped") and history.worsened:
        best = f" The best model is that of epoch {history.best_epoch}."
        st.warning(f"{status.message} {history.worsened}{best}", icon=":material/warning:")
    elif run.ships:
        st.caption(status.message)
    elif status.state in _BOXES:
        show, icon = _BOXES[status.state]
        show(status.sentence, icon=f":material/{icon}:")


def _now(run: Run, status: Status) -> str:
    points = status.history.points
    now, seconds_left = points[-1], status.seconds_left or 0.0
    recent = [point for point in points[-_RECENT_POINTS:] if point.epoch == now.epoch]
    mean = curves.mean_point(recent)
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


def _validated(run: Run, status: Status) -> None:
    """The validation loss as its sum, the other figures of the last epoch, and the test set's."""
    history = status.history
    if not history.epochs:
        return
    now, parts, in_report_units = history.epochs[-1], [], ""
    terms = {term: now[f"val_{term}"] for term in TERMS if f"val_{term}" in now}
    if {"recon", "kl", "cls"} <= terms.keys():
        parts.append(loss_sum(terms, now["epoch"], run.params, history.changes))
        if report_units.has_loss(run.params):
            in_report_units = _in_report_units(terms, run.params)
    else:
        parts.append(labels.FIGURES["loss"].text(now["val_loss"]))
    if "val_accuracy" in now:
        parts.append(f"accuracy {labels.FIGURES['accuracy'].text(now['val_accuracy'])}")
    if (active := history.active[-1]) is not None and now["epoch"]:
        parts.append(f"{sum(active)} of {run.params.z_dim} dimensions of z in use")
    when = f"after epoch {now['epoch']:.0f}" if now["epoch"] else "before the training"
    lines = [f"Validation {when}, on {labels.validated_on(run.params)}: loss {' · '.join(parts)}"]
    if in_report_units:
        lines.append(in_report_units)
    if "accuracy" in (measured := run.measured()):
        accuracy = labels.FIGURES["accuracy"].text(measured["accuracy"])
        lines.append(f"On the test set, measured at the end: accuracy {accuracy}")
    st.markdown("  \n".join(lines))


def _in_report_units(terms: Mapping[str, float], params: Params) -> str:
    shown = report_units.converted(terms, params)
    recon, kl, cls = (f"{shown[term]:.4f}" for term in ("recon", "kl", "cls"))
    return (
        f"In the lab report's units: loss {shown['loss']:.4f} = 100·{recon} + 10·{kl} + 10·{cls}. "
        "The report takes means over the pixels and over the dimensions of z, the app takes sums."
    )


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
            measured = run.measured().get("confusion")
            on = "the test set" if measured else labels.validated_on(run.params)
            charts.confusion(measured or status.history.confusion[-1], on)
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
