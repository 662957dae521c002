"""A run as it goes on: where it is, its curves, and what it has learned to draw."""

from typing import Any

import streamlit as st

from ui import charts, curves, pictures
from ui.labels import duration
from vae.runs.run import Run
from vae.runs.snapshots import animation
from vae.runs.status import Status

VIEWS = ("Curves", "Watch it learn")
_LOOK: dict[str, tuple[Any, str]] = {
    "finished": (st.success, "check_circle"),
    "stopped": (st.info, "stop_circle"),
    "paused": (st.info, "pause_circle"),
    "queued": (st.info, "hourglass_top"),
    "failed": (st.error, "error"),
    "killed": (st.warning, "warning"),
}


def headline(run: Run, status: Status) -> None:
    """A progress bar with where the run is, how fast and how long still; or what came of it."""
    if status.state in _LOOK:
        show, icon = _LOOK[status.state]
        show(_message(status), icon=f":material/{icon}:")
        return
    left = status.seconds_left
    if left is None:
        st.progress(0.0, "The model is being compiled …" if status.history.epochs else "Starting …")
        return
    now = status.history.points[-1]
    st.progress(
        min(status.epochs_done / status.target_epochs, 1.0),
        f"Epoch {now.epoch} of {status.target_epochs} · {now.examples_per_second:,.0f} images/s · "
        f"{duration(left)} left",
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
        "View", VIEWS, default=VIEWS[0], required=True, key="view", label_visibility="collapsed"
    )
    if view == VIEWS[0]:
        _curves(status)
    else:
        _samples(run, status)


def _figures(run: Run, status: Status) -> None:
    """The figures of the last epoch, and what they were the one before."""
    history = status.history
    now, before = history.epochs[-1], history.epochs[-2] if len(history.epochs) > 1 else {}
    awake = sum(kl > curves.ASLEEP for kl in history.kl_per_dimension[-1])
    shown = {
        "Accuracy": ("val_accuracy", "{:.2%}", "normal"),
        "Loss": ("val_loss", "{:.2f}", "inverse"),
        "recon": ("val_recon", "{:.2f}", "inverse"),
        "KL": ("val_kl", "{:.2f}", "off"),
    }
    with st.container(horizontal=True):
        for label, (term, text, color) in shown.items():
            change = now[term] - before[term] if before else None
            delta = text.replace("{:", "{:+").format(change) if change is not None else None
            st.metric(label, text.format(now[term]), delta, delta_color=color, width="content")
        st.metric("z in use", f"{awake} of {run.params.z_dim}", width="content")
    st.caption(f"On the test set, after epoch {now['epoch']}; the change since the one before.")


def _curves(status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        log = st.toggle("Logarithmic", key="log")
        smooth = st.slider("Smoothing", 1, 20, 1, key="smooth", width=180)
    columns = st.columns(2)
    points = status.history.points
    specs = curves.learning_curves(
        curves.grown(points) if status.has_worker else points,
        status.history.epochs,
        status.target_epochs,
        status.history.changes,
        log=log,
        smooth=smooth,
    )
    for i, (term, spec) in enumerate(specs.items()):
        with columns[i % 2]:
            charts.show(spec, key=f"curve_{term}", alt=f"{curves.CURVES[term]} over the epochs")
    if status.history.changes:
        turned = [
            f"{curves.LIVE_LABELS[change.param]} {change.value:g} at {change.epochs_done:.2f}"
            for change in status.history.changes
        ]
        st.caption(f"Dashed lines: {'; '.join(turned)}.")


def _samples(run: Run, status: Status) -> None:
    """What the model draws after a chosen epoch, what its z are used for, what it mistakes."""
    history, frames = status.history, run.samples()
    epoch = _scrubber(run, list(frames))
    row = next((i for i, entry in enumerate(history.epochs) if entry["epoch"] == epoch), None)
    pictured, told = st.columns([3, 2], gap="large")
    now = run.folder / "samples" / "now.png"
    with pictured:
        stepping = status.state == "paused" and epoch == max(frames, default=0) and now.exists()
        png = (now if stepping else frames[epoch]).read_bytes() if frames else b""
        if png:
            when = "now" if stepping else f"after epoch {epoch}"
            pictures.show_png(png, f"What the model draws {when}")
        st.caption(
            "Ten test digits; how the model redraws them; below, all ten digits from four "
            "fixed z." + (" As it is now, paused." if stepping else "")
        )
        if not status.has_worker:  # Its address changes with every look at a run that moves.
            st.download_button(
                "As an animated GIF",
                lambda: animation([path.read_bytes() for path in frames.values()]),
                file_name=f"{run.id}.gif",
                mime="image/gif",
                icon=":material/gif_box:",
                on_click="ignore",
            )
    if row is not None:
        with told:
            most = max(map(max, history.kl_per_dimension))
            bars = curves.kl_bars(history.kl_per_dimension[row], most)
            charts.show(bars, key="kl_bars", alt="KL of each latent dimension")
            st.caption("Gray: a dimension that says nothing of the image; it has collapsed.")
            charts.confusion(history.confusion[row], key="confusion")


def _scrubber(run: Run, epochs: list[int]) -> int:
    """The epoch to look at: the last one, and the next last ones, until another is chosen."""
    if len(epochs) < 2:
        return epochs[-1] if epochs else 0
    key, last = f"epoch_{run.id}", f"last_{run.id}"
    if st.session_state.get(key, epochs[-1]) == st.session_state.get(last, epochs[-1]):
        st.session_state[key] = epochs[-1]
    st.session_state[last] = epochs[-1]
    return st.slider("After epoch", epochs[0], epochs[-1], key=key)
