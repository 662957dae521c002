"""The loss as the sum of its weighted terms."""

from collections.abc import Mapping, Sequence
from math import floor, isfinite

from vae.params import Params

Changes = Sequence[tuple[float, str, float]]
"""(epochs done, parameter, new value) of each change of a live parameter."""


_WEIGHTS = {
    "kl": "kl_weight",
    "cls": "digit_classification_weight",
    "consistency": "consistency_weight",
}
"""The parameter that is the weight of a term of the loss; the others' is 1."""


def contributions(
    terms: Mapping[str, float], epochs_done: float, params: Params, changes: Changes = ()
) -> dict[str, float]:
    """What each term adds to the loss: its value times its weight at that time. The KL divergence
    adds the rest of the loss if it follows a schedule, or a part of it is free.

    Args:
        terms: `loss`, `recon`, `kl`, `cls` and, if there is one, `consistency`, nats.
        epochs_done: when they were measured.
        params: of the run.
        changes: of its live parameters.
    """
    used = ("recon", "kl", "cls", *(("consistency",) if params.consistent else ()))
    parts = {
        term: terms[term] * _weight(term, epochs_done, params, changes)
        for term in used
        if term in terms
    }
    if params.kl_schedule != "constant" or params.free_bits:
        parts["kl"] += terms["loss"] - sum(parts.values())
    return parts


def _weight(term: str, epochs_done: float, params: Params, changes: Changes) -> float:
    if term not in _WEIGHTS:
        return 1.0
    name = _WEIGHTS[term]
    known = [value for at, param, value in changes if param == name and at < epochs_done]
    return known[-1] if known else float(getattr(params, name))


def term_name(term: str, epochs_done: float, params: Params, changes: Changes = ()) -> str:
    """What a term is called as a part of the loss: "recon", "β·KL", "10·cls"."""
    if term == "kl":
        return "β·KL"
    weight = _weight(term, epochs_done, params, changes)
    return term if weight == 1 else f"{weight:g}·{term}"


def loss_sum(
    terms: Mapping[str, float], epochs_done: float, params: Params, changes: Changes = ()
) -> str:
    """The loss as its sum, "59.0 = recon 46.8 + β·KL 10.6 + 10·cls 1.6"; see `contributions`.

    The numbers are rounded such that they add up.
    """
    parts = contributions(terms, epochs_done, params, changes)
    if not all(map(isfinite, parts.values())):
        return "not a number"
    total, *values = rounded_sum(list(parts.values()), 1 if sum(parts.values()) >= 10 else 2)
    names = [term_name(term, epochs_done, params, changes) for term in parts]
    return f"{total} = " + " + ".join(map(" ".join, zip(names, values, strict=True)))


def rounded_sum(values: Sequence[float], decimals: int) -> list[str]:
    """The sum and the values as texts with so many decimals, and the texts add up.

    The largest remainder method: all are rounded down, and those with the largest remainders up.
    """
    unit = 10**decimals
    units = [floor(value * unit) for value in values]
    order = sorted(range(len(values)), key=lambda i: units[i] - values[i] * unit)
    for i in order[: round(sum(values) * unit) - sum(units)]:
        units[i] += 1
    return [f"{number / unit:,.{decimals}f}" for number in (sum(units), *units)]
