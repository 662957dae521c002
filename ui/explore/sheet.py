"""A view of the Explore page: two dimensions of z as a sheet of digits."""

from collections.abc import Callable, Mapping

import streamlit as st

from ui.components import component, handover, triggered
from ui.explore import VIEW_HTML, places
from ui.generate import knobs
from ui.shared import address
from vae.analysis.latent import REACH, by_probability, even_steps
from vae.data.mnist import Floats
from vae.model.numpy_model import TrainedVAE

SIDE = 20

STEPS: Mapping[str, Callable[[int], Floats]] = {
    "Even": even_steps,
    "Quantiles": by_probability,
}
"""The values along the sides of the sheet, by the name of the choice."""

_live = component("explore/sheet", VIEW_HTML)
_KEY = "live_sheet"
_EVEN = next(iter(STEPS))


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    names = address.knobs(model)
    row = places.row("sheet")
    start = places.choose(row, "base", model, "Start at")
    prob = places.choose_digit(row, model, start)
    # Two dimensions lie as on the map; of more, those come first that change the picture most.
    order = knobs.strongest(model_id, model) if len(names) > 2 else names
    axes = row.container(
        horizontal=True, vertical_alignment="bottom", width="content", key="explore_axes"
    )
    across, up = 0, None
    if len(names) > 1:
        across, up = (
            _index(address.selectbox(axes, name, label, model, first, width=84))
            for name, label, first in (("x", "Across", order[0]), ("y", "Up", order[1]))
        )
    steps = address.segmented(
        *(axes, "steps", "Steps", model),
        help="Even: from −3 to 3. Quantiles: between two neighbours lies an equal share of "
        "the prior, so that every digit on the sheet is equally likely.",
    )
    if across == up:
        st.warning("Across and up are the same dimension: choose two.")
        up = None
    axis = STEPS[steps](SIDE)
    st.caption(_explanation(model, up, steps))
    _live(
        data={
            "model": model_id,
            "names": {str(i): name for i, name in model.knob_names.items()},
            "across": across,
            "up": up,
            "axis": axis.tolist(),
            "z": start.z.tolist(),
            "walked": places.walk(model, start),
            "title": start.title,
            "prob": prob.tolist(),
            "others": [i for i in map(_index, order) if i not in (across, up)],
            "reach": REACH,
        },
        key=_KEY,
        height="content",
        on_use_change=lambda: places.take_to_generate(triggered(_KEY, "use"), model),
    )
    handover.show_link()


def _explanation(model: TrainedVAE, up: int | None, steps: str) -> str:
    if model.params.z_dim == 1:
        return "z has a single dimension: this row is **the whole latent space** of the model."
    if up is None:
        return "One dimension of z; the others stay."
    if model.params.z_dim > 2:
        return (
            "A slice through the latent space, in which styles change without a jump. "
            "**Drag a slider** of the other dimensions: the slice moves through the space."
        )
    whole = "z has two dimensions: this sheet is **the whole latent space**"
    if steps == _EVEN:
        whole += ", as far as three standard deviations"
    if model.labelled:
        return f"{whole}, for one digit. Choose another digit: the styles keep their places."
    return f"{whole}. The decoder is given no digit: each digit has a region of its own."


def _index(name: str) -> int:
    return int(name[1:])
