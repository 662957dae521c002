"""The preset nearest to some parameters, and the parameters to train a run once more."""

import re
from collections.abc import Iterable
from typing import Any

from ui.public import permissions
from vae.params import Params, bounds
from vae.presets import PRESETS
from vae.runs import store
from vae.runs.run import Run

_MAX_STEM = 36


def nearest(params: Params) -> tuple[str, dict[str, Any]]:
    """The preset with the fewest other values, and the values that differ from it."""
    wanted = params.model_dump()
    differing = {
        preset: {n: v for n, v in wanted.items() if v != getattr(PRESETS[preset], n)}
        for preset in PRESETS
    }
    preset = min(differing, key=lambda name: len(differing[name]))
    return preset, differing[preset]


def with_free_seed(run: Run, others: Iterable[Run]) -> Params:
    """The run's parameters with the next seed that no run with these parameters has."""
    params = run.params
    same = {"seed": params.seed}
    taken = {params.seed}
    taken |= {r.params.seed for r in others if r.params.model_copy(update=same) == params}
    seed = params.seed
    while seed in taken:
        seed = seed + 1 if seed < bounds("seed").high else 0
    return Params(**params.model_dump() | {"seed": seed})


def stem(name: str) -> str:
    """The name without a number at its end, as far as `registry.free_name` can number it."""
    return re.sub(r"(?<=.)-\d+$", "", name)[:_MAX_STEM]


def all_runs() -> list[Run]:
    """All runs that the visitor sees and that can be read, those that ship included."""
    listed = [*permissions.runs(), *store.shipped_summaries()]
    return [summary.run for summary in listed if summary.run]
