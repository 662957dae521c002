"""A view of the Explore page: the difference between two styles, added to an image.

It is the mean z of some images less the mean z of others, an attribute vector (White 2016).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from ui.components import component, triggered
from ui.components.numbers import encoded, encoded_grays
from ui.explore import VIEW_HTML, places
from ui.explore.places import Place
from ui.shared import address
from vae.data import shape
from vae.data.mnist import EXAMPLE_COUNT, Floats, first_test_examples
from vae.model.numpy_model import TrainedVAE, softmax

MAX_AMOUNT = 2
AMOUNTS = np.linspace(-MAX_AMOUNT, MAX_AMOUNT, 9, dtype=np.float32)
"""How much of the difference is added in the pictures of the strip."""

_live = component("explore/arithmetic", VIEW_HTML)
_KEY = "live_arithmetic"
_EACH = 3
_POOL = 40
_OWN = "My own"
_ANY = "All"
_PICKED, _START = "arithmetic_picked", "arithmetic_start"


class Set(NamedTuple):
    """Two groups of test digits that differ in one property.

    Attributes:
        plus, minus: what those with much and with little of it are called.
        measure: of images (n, 784) → (n,).
    """

    plus: str
    minus: str
    measure: Callable[[Floats], Floats]


SETS: Mapping[str, Set] = {
    "Slant": Set("the most slanted", "the least slanted", shape.slant),
    "Weight": Set("the boldest", "the thinnest", shape.weight),
    "Width": Set("the widest", "the narrowest", shape.width),
}


class Groups(NamedTuple):
    """Test digits by their numbers: those that are added, and those that are subtracted."""

    plus: list[int]
    minus: list[int]


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    left, right = st.columns(2)
    with left:
        row = places.row("image")
        place = places.choose(row, "image", model, "Image")
    with right:
        row = places.row("set")
        chosen = address.segmented(
            *(row, "set", "Difference between", model),
            help=f"Of the first {EXAMPLE_COUNT} test digits, those with most and those with least "
            f"of it, {_EACH} of each digit; or images that you choose.",
        )
    pool = _choose_pool(model) if chosen == _OWN else []
    amount = address.value("amount", model)
    if amount is None:
        amount = address.default("amount")
    groups = _own_groups(model_id, model) if chosen == _OWN else ready_made(chosen)
    st.caption(_explanation(model))
    _live(
        data=_data(model, model_id, place, chosen, groups, pool, amount),
        key=_KEY,
        height="content",
        on_picked_change=_note_picked,
    )


def _explanation(model: TrainedVAE) -> str:
    text = (
        "A direction in the latent space can be a style: the mean z of some images minus the mean "
        "z of others. **Drag along the strip** to add more or less of it."
    )
    if not model.labelled:
        text += " Since this model's decoder gets no digit, the way can lead to another digit."
    return text


def ready_made(name: str) -> Groups:
    """The groups of one of `SETS`."""
    examples = first_test_examples()
    return Groups(*shape.extremes(SETS[name].measure(examples.x), examples.y, _EACH))


@st.cache_data(show_spinner=False, max_entries=16)
def latents(model_id: str, _model: TrainedVAE) -> Floats:
    """μ of the first test images, (`EXAMPLE_COUNT`, z_dim)."""
    x = first_test_examples().x
    mu, _ = _model.encode(x, softmax(_model.classify(x)))
    return mu


def _choose_pool(model: TrainedVAE) -> list[int]:
    """Show the filter of the images to choose from; returns their numbers."""
    digit = address.segmented(places.row("pick"), "pick", "Choose from the test digits", model)
    y = first_test_examples().y
    found = np.arange(len(y)) if digit == _ANY else np.flatnonzero(y == int(digit))
    return found[:_POOL].tolist()


def _own_groups(model_id: str, model: TrainedVAE) -> Groups:
    """The groups that the browser starts with; what it chooses itself does not change them."""
    state = st.session_state
    if _PICKED not in state:
        state[_PICKED] = _from_link(model)
    if _KEY not in state or state.get(_START, ("", None))[0] != model_id:
        state[_START] = model_id, state[_PICKED]
    start: Groups = state[_START][1]
    return start


def _from_link(model: TrainedVAE) -> Groups:
    plus, minus = (set(address.value(name, model) or ()) for name in ("plus", "minus"))
    return Groups(sorted(plus), sorted(minus - plus))


def _note_picked() -> None:
    groups = checked(triggered(_KEY, "picked"))
    if groups is not None:
        st.session_state[_PICKED] = groups


def checked(report: Any) -> Groups | None:
    """The groups of a browser's report, {"plus": […], "minus": […]}, or None if it is not such."""
    if not isinstance(report, dict):
        return None
    groups = Groups(report.get("plus", []), report.get("minus", []))
    for ids in groups:
        if not isinstance(ids, list) or len(ids) > EXAMPLE_COUNT:
            return None
        if not all(type(i) is int and 0 <= i < EXAMPLE_COUNT for i in ids):
            return None
    return groups


def _data(
    model: TrainedVAE,
    model_id: str,
    place: Place,
    chosen: str,
    groups: Groups,
    pool: Sequence[int],
    amount: float,
) -> dict[str, Any]:
    examples = first_test_examples()
    ids = sorted({*groups.plus, *groups.minus, *pool})
    titles = SETS[chosen][:2] if chosen in SETS else ("the images with +", "those with −")
    return {
        "model": model_id,
        "names": {str(i): name for i, name in model.knob_names.items()},
        "image": {
            "z": place.z.tolist(),
            "prob": place.digit_prob.tolist(),
            "title": place.title,
        },
        "ids": ids,
        "labels": examples.y[ids].tolist(),
        "x": encoded_grays(examples.x[ids]),
        "z": encoded(latents(model_id, model)[ids]),
        "plus": {"ids": groups.plus, "title": titles[0]},
        "minus": {"ids": groups.minus, "title": titles[1]},
        "own": chosen == _OWN,
        "pool": list(pool),
        "amounts": AMOUNTS.tolist(),
        "amount": amount,
    }
