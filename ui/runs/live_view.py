"""A run while it trains: its progress, its curves, and what it has learned to generate."""

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui import charts, curves, labels, pictures
from vae.runs.run import Run
from vae.runs.snapshots import animation
from vae.runs.status import Status

_VIEWS = ("Curves", "Watch it learn")
_BOXES: dict[str, tuple[Any, str]] = {
    "finished": (st.success, "check_circle"),
    "stopped": (st.info, "stop_circle"),
    "paused": (st.info, "pause_circle"),
    "queued": (st.info, "hourglass_top"),
    "failed": (st.error, "error"),
    "killed": (st.warning, "warning"),
}


def headline(run: Run, status: Status) -> None:
    """A progress bar with the position, the speed and the time left; or how the run ended."""
    if status.problems:
        st.warning(" ".join(status.problems), icon=":material/warning:")
    history = status.history
    if status.state == "measuring":
        st.progress(1.0, "Measuring the model on the test set …")
    elif status.state in ("finished", "stopped") and history.worsened:
        best = f" The best model is that of epoch {history.best_epoch}."
        st.warning(f"{status.message} {history.worsened}{best}", icon=":material/warning:")
    elif status.state in _BOXES:
        show, icon = _BOXES[status.state]
        show(_message(status), icon=f":material/{icon}:")
    elif status.seconds_left is None:
        st.progress(0.0, "Compiling the model …" if history.epochs else "Starting …")
    else:
        now = history.points[-1]
        st.progress(
            min(status.epochs_done / status.target_epochs, 1.0),
            f"Epoch {now.epoch} of {status.target_epochs} · "
            f"{now.examples_per_second:,.0f} images/s · "
            f"{labels.duration(status.seconds_left)} left",
        )


def _message(status: Status) -> str:
    if status.state != "paused" or not status.history.points:
        return status.message or "Paused before its first step."
    now = status.history.points[-1]
    return f"Paused in epoch {now.epoch} after step {now.step} of {now.steps}."


def views(run: Run, status: Status) -> None:
    """The view that the visitor has chosen."""
    if not status.history.epochs:
        return
    _figures(run, status)
    view = st.segmented_control(
        "View", _VIEWS, default=_VIEWS[0], required=True, key="view", label_visibility="collapsed"
    )
    if view == _VIEWS[0]:
        _curves(status)
    else:
        _samples(run, status)


def _figures(run: Run, status: Status) -> None:
    """The figures of the last epoch, and how they changed since the one before."""
    history = status.history
    now, before = history.epochs[-1], history.epochs[-2] if len(history.epochs) > 1 else {}
    colors: dict[str, Literal["normal", "inverse", "off"]] = {
        "accuracy": "normal",
        "loss": "inverse",
        "recon": "inverse",
        "kl": "off",
    }
    with st.container(horizontal=True):
        for term, color in colors.items():
            label, name = labels.FIGURES[term], f"val_{term}"
            if name not in now:
                continue
            value, previous = now[name], before.get(name)
            st.metric(
                label.title,
                label.text(value),
                label.text(value - previous, "+") if previous is not None else None,
                delta_color=color,
                help=label.help,
                width="content",
            )
        if (active := history.active[-1]) is not None:
            label = labels.FIGURES["active_units"]
            shown = f"{sum(active)} of {run.params.z_dim}"
            st.metric(label.title, shown, help=label.help, width="content")
    st.caption(
        f"On the test set, after epoch {now['epoch']:.0f}; below, the change since the one before."
    )


def _curves(status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        log = st.toggle("Logarithmic", key="log")
        smooth = st.slider("Smoothing", 1, 20, 1, key="smooth", width=180)
    columns = st.columns(2)
    points = status.history.points
    specs = curves.learning_curves(
        curves.thinned(points) if status.has_worker else points,
        status.history.epochs,
        status.target_epochs,
        status.history.changes,
        log=log,
        smooth=smooth,
    )
    for i, (term, spec) in enumerate(specs.items()):
        with columns[i % 2]:
            name = labels.FIGURES[term].name
            charts.show(spec, key=f"curve_{term}", alt=f"{name} over the epochs")
    if status.history.changes:
        changes = [
            f"{labels.parameter(change.param)} {change.value:g} at {change.epochs_done:.2f}"
            for change in status.history.changes
        ]
        st.caption(f"Dashed lines: {'; '.join(changes)}.")


def _samples(run: Run, status: Status) -> None:
    """What the model generates after a chosen epoch, which z it uses, which digits it confuses."""
    history, frames = status.history, run.snapshots()
    epoch = _scrubber(run, list(frames))
    row = next((i for i, entry in enumerate(history.epochs) if entry["epoch"] == epoch), None)
    pictured, figures = st.columns([3, 2], gap="large")
    now = run.folder / "samples" / "now.png"
    with pictured:
        stepping = status.state == "paused" and epoch == max(frames, default=0) and now.exists()
        if png := _read(now if stepping else frames.get(epoch)):
            when = "now" if stepping else f"after epoch {epoch}"
            pictures.show_png(png, f"What the model draws {when}")
        st.caption(
            "Ten test digits. Second row: the model's reconstructions. Below: all ten digits, "
            "generated from four fixed z." + (" As it is now, paused." if stepping else "")
        )
        if not status.has_worker:  # Its address changes with every update of a run that trains.
            st.download_button(
                "Download animated GIF",
                lambda: animation([path.read_bytes() for path in frames.values()]),
                file_name=f"{run.id}.gif",
                mime="image/gif",
                icon=":material/gif_box:",
                on_click="ignore",
            )
    if row is not None:
        with figures:
            most = max(max(kl, default=0) for kl in history.kl_per_dimension)
            bars = curves.kl_bars(history.kl_per_dimension[row], history.active[row], most)
            charts.show(bars, key="kl_bars", alt="KL divergence of each dimension of z")
            st.caption(
                "Gray: a dimension that is not in use. Its μ is nearly the same for all images."
            )
            charts.confusion(history.confusion[row])


def _read(path: Path | None) -> bytes:
    """The content of a file, empty if there is none: the run may just have been deleted."""
    try:
        return path.read_bytes() if path else b""
    except OSError:
        return b""


def _scrubber(run: Run, epochs: list[int]) -> int:
    """The epoch to show: the last one, and always the newest, until another is chosen."""
    if len(epochs) < 2:
        return epochs[-1] if epochs else 0
    key, last = f"epoch_{run.id}", f"last_{run.id}"
    if st.session_state.get(key, epochs[-1]) == st.session_state.get(last, epochs[-1]):
        st.session_state[key] = epochs[-1]
    st.session_state[last] = epochs[-1]
    return st.slider("After epoch", epochs[0], epochs[-1], key=key)
