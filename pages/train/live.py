"""A run as it goes on: progress, curves and, at its end, what came of it."""

import streamlit as st

from ui import charts
from ui.words import duration
from vae import weights
from vae.runs import Run, Status

CURVES = {
    "loss": "Loss",
    "recon": "Reconstruction (recon)",
    "kl": "KL divergence (kl)",
    "cls": "Classification (cls)",
    "consistency": "Consistency of drawn digits",
}
_POINTS = 400
"""As many points as a curve shows at most: more do not show."""


def progress(run: Run, status: Status) -> None:
    """A progress bar with where the run is, how fast and how long still."""
    if len(status.steps) < 2:
        st.progress(0.0, "TensorFlow is being loaded and the model compiled …")
        return
    now, epochs = status.steps[-1], run.params.epochs
    rate = now.examples_per_second / run.params.batch_size
    left = duration(status.seconds_left(epochs))
    st.progress(
        status.epochs_done / epochs,
        f"Epoch {now.epoch} of {epochs} · {rate:,.0f} batches/s · {left} left",
    )


def outcome(run: Run, status: Status) -> None:
    """What came of a run that has ended, and where to go with it."""
    show, icon = {
        "finished": (st.success, ":material/check_circle:"),
        "stopped": (st.info, ":material/stop_circle:"),
        "failed": (st.error, ":material/error:"),
        "killed": (st.warning, ":material/warning:"),
    }[status.state]
    show(status.message, icon=icon)
    if run.name not in weights.available():
        return

    def choose() -> None:
        st.session_state.model = run.name

    with st.container(horizontal=True):
        if st.button("Draw with it", icon=":material/draw:", on_click=choose):
            st.switch_page("pages/draw/page.py")
        if st.button("Generate with it", icon=":material/grid_view:", on_click=choose):
            st.switch_page("pages/generate/page.py")


def curves(run: Run, status: Status) -> None:
    """Loss and its terms, on the training set and on the test set."""
    stride = -(-len(status.steps) // _POINTS)
    points = status.steps[::stride]
    columns = st.columns(2)
    shown = [t for t in CURVES if t != "consistency" or run.params.consistency_weight]
    for i, term in enumerate(shown):
        with columns[i % 2]:
            charts.learning_curve(
                CURVES[term],
                [(p.epochs_done, getattr(p, term)) for p in points],
                [(e["epoch"], e[f"val_{term}"]) for e in status.epochs],
                run.params.epochs,
                key=f"curve_{term}",
            )
