"""The pictures and curves of a run for a browser in which the components do not work."""

import streamlit as st

from ui import charts, curves, labels, pictures
from ui.live.train import points
from vae.data.mnist import test_images
from vae.errors import VAELabError
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot
from vae.runs.status import Status


def snapshots(run: Run) -> None:
    """What the model drew at a chosen moment."""
    found = run.snapshots()
    if not found:
        return
    shown = found[-1]
    if len(found) > 1:
        named = {snapshot.label: snapshot for snapshot in found}
        # The newest, until another is chosen.
        chosen = st.select_slider("Moment", [*named], shown.label, key=f"moment_{run.id}")
        shown = named[chosen]
    if png := shown.read():
        pictures.show_png(png, f"What the model draws {shown.label}")
    box = st.expander("Map of z", on_change="rerun", key="plain_map")
    if box.open:
        with box:
            _map(run, shown)


def _map(run: Run, snapshot: Snapshot) -> None:
    """Where test images lay in z at that moment."""
    try:
        found, digits = snapshot.points(), test_images().y
    except VAELabError as error:
        st.caption(str(error))
        return
    charts.latent_points(found.coordinates, digits[: len(found.points)].tolist(), key="map")
    said = points.about(found, run.params)
    st.caption(f"μ of the first {len(found.points):,} test digits. {said}")


def curves_and_bars(status: Status) -> None:
    """A curve for each figure, and a bar for each dimension of z."""
    history = status.history
    points = curves.settled(history.points) if status.has_worker else history.points
    specs = curves.learning_curves(points, history.epochs, status.target_epochs, history.changes)
    term = st.segmented_control(
        "Curve",
        list(specs),
        format_func=lambda term: labels.FIGURES[term].name,
        default="loss",
        required=True,
        key="plain_curve",
        label_visibility="collapsed",
    )
    name = labels.FIGURES[term].name
    charts.show(specs[term], key=f"curve_{term}", alt=f"{name} over the epochs")
    kl = history.kl_per_dimension[-1]
    if kl:
        bars = curves.kl_bars(
            kl, history.active[-1], max(map(max, filter(None, history.kl_per_dimension)))
        )
        charts.show(bars, key="kl_bars", alt="KL divergence of each dimension of z")
        st.caption("Gray: a dimension that is not in use. Its μ is nearly the same for all images.")
