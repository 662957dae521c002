"""Hypothesis strategies for the parameters, from the bounds that `Params` states."""

from typing import Literal, get_args, get_origin

from hypothesis import strategies as st

from vae.errors import ParamsError
from vae.model.architecture import architecture
from vae.params import Params, _limits, bounds


def values(name):
    """Values of one field within its bounds, its default and the bounds themselves included."""
    field = Params.model_fields[name]
    kind = field.annotation
    if kind is bool:
        return st.booleans()
    if kind is int:
        low, high = map(int, bounds(name))
        return st.integers(low, high)
    if kind is float:
        return st.floats(*bounds(name))
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    count, size = _limits(field), _limits(get_args(get_args(kind)[0])[1])
    sizes = st.integers(size["ge"], size["le"])
    return st.lists(sizes, min_size=count["min_length"], max_size=count["max_length"])


def params_strategy(**fixed):
    """Valid `Params` of any size; `fixed` are strategies for the fields that are not arbitrary."""
    fields = {name: values(name) for name in Params.model_fields} | fixed
    return st.builds(Params, **fields)


def model_strategy(**fixed):
    """`params_strategy` without those whose model would have too many weights."""
    return params_strategy(**fixed).filter(_has_an_architecture)


def _has_an_architecture(params):
    try:
        architecture(params)
    except ParamsError:
        return False
    return True
