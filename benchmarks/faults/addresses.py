"""Every parameter of the address of every page, fuzzed."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby, product

import numpy as np

from benchmarks.faults import bad_input, specimen
from benchmarks.faults.bad_input import Rng
from benchmarks.faults.tally import Tally, check
from vae.data.strokes import Stroke, pack

COUNT, QUICK = 15, 3
"""Addresses of each view."""

VALID: Mapping[str, str] = {
    "model": "plane",
    "use": "fast",
    "z": "0,1",
    "digits": "3",
    "columns": "Sweep",
    "source": "Digit's own",
    "count": "3",
    "spread": "0.5",
    "seed": "7",
    "knob": "z1",
    "across": "z0",
    "up": "z1",
    "contrast_conv": "1.5",
    "ink_conv": "2",
    "z0": "1.5",
    "z9": "-3",
    "view": "Morph",
    "map": "z0 and z1",
    "pin": "0.5,-1.2",
    "shown": "0,1",
    "as": "4",
    "base_from": "Test digit",
    "base_digit": "8",
    "base_seed": "3",
    "base_as": "5",
    "digit": "2",
    "walk": "0,0",
    "x": "z0",
    "y": "z1",
    "steps": "9",
    "along": "z",
    "path": "Straight",
    "at": "0.5",
    "start_from": "Sample of the prior",
    "start_digit": "5",
    "start_seed": "1",
    "start_as": "2",
    "end_from": "Test digit",
    "end_digit": "9",
    "end_seed": "1",
    "end_as": "2",
    "image_from": "Test digit",
    "image_digit": "3",
    "set": "Slant",
    "pick": "3",
    "amount": "1.5",
    "plus": "1,2",
    "minus": "3",
    "step": "sample",
    "how_from": "Test digit",
    "how_digit": "35",
    "how_beta": "4",
    "how_dimension": "3",
    "how_label": "7",
    "how_rate": "0.1",
    "run": "classic",
    "like": "conv",
}
"""A value, perhaps valid, of each parameter; most belong to one page, but any may be in any."""

_COMMON = ("model", "use", "drawing")
_PLACE = ("from", "digit", "seed", "as")

VIEWS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("draw", ""): ("z",),
    **{
        ("generate", f"columns={mode}"): (
            *("digits", "columns", "source", "count", "spread", "seed", "knob", "across", "up"),
            *("contrast_conv", "ink_conv", "z0", "z9", "z31", "z99"),
        )
        for mode in ("Sample", "Sweep", "Pad")
    },
    ("explore", "view=Map"): ("view", "map", "pin", "shown", "as"),
    ("explore", "view=Traversals"): (*(f"base_{name}" for name in _PLACE), "digit", "walk", "view"),
    ("explore", "view=Sheet"): (
        *(*(f"base_{name}" for name in _PLACE), "digit"),
        *("walk", "x", "y", "steps"),
    ),
    ("explore", "view=Morph"): (
        *("along", "path", "at"),
        *(f"{end}_{name}" for end in ("start", "end") for name in _PLACE),
    ),
    ("explore", "view=Arithmetic"): (
        *("image_from", "image_digit", "set", "pick", "amount", "plus", "minus"),
    ),
    **{
        ("how-it-works", f"step={step}"): ("step", "how_from", "how_digit", name)
        for step, name in {
            "all": "how_rate",
            "sample": "how_dimension",
            "label": "how_label",
            "beta": "how_beta",
        }.items()
    },
    ("train", ""): ("run", "like"),
    ("runs", ""): ("run", "like"),
}
"""By a page and what the address also has: the parameters that it reads."""


def run(quick: bool) -> Iterator[Tally]:
    """A row for each page."""
    rng = np.random.default_rng(3)
    for page, views in groupby(VIEWS.items(), lambda view: view[0][0]):
        tally = Tally(f"addresses of {page}, all parameters")
        for ((_, fixed), names), i in product(views, range(QUICK if quick else COUNT)):
            address = _address([*_COMMON, *names], rng)
            if fixed and rng.random() < 0.8:
                key, _, value = fixed.partition("=")
                address[key] = value
            tally.trial(partial(_open, page, address), (i, page, address))
        yield tally


def _address(names: list[str], rng: Rng) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for name in names:
        if rng.random() < 0.5:
            found[name] = _value(name, rng)
            if rng.random() < 0.1:
                found[name] = [_value(name, rng), _value(name, rng)]
    if rng.random() < 0.2:
        found[bad_input.TEXTS[int(rng.integers(1, len(bad_input.TEXTS)))][:50]] = "1"
    return found


def _value(name: str, rng: Rng) -> str:
    valid = _drawing(rng) if name == "drawing" else VALID.get(name, "1")
    match rng.integers(4):
        case 0:
            return valid
        case 1:
            return bad_input.damaged(valid.encode(), rng).decode(errors="replace")
    return bad_input.TEXTS[int(rng.integers(len(bad_input.TEXTS)))]


def _drawing(rng: Rng) -> str:
    if rng.random() < 0.2:
        return f"test-{rng.integers(0, 500)}"
    strokes = []
    for smooth in (True, False):
        points = rng.integers(-280, 560, (int(rng.integers(1, 40)), 2)).tolist()
        strokes.append(Stroke(tuple((x, y) for x, y in points), smooth))
    return pack(strokes)


def _open(page: str, address: Mapping[str, str | list[str]]) -> str:
    app = specimen.page_of(page, address)
    errors = [f"{e.message} {list(e.stack_trace)[-8:]}" for e in app.exception]
    named = len(app.warning)
    app.run()  # What is kept of the address holds for the next run, too.
    errors += [f"{e.message} {list(e.stack_trace)[-8:]}" for e in app.exception]
    check(not errors, f"on the page: {errors}")
    return "opened, with sentences" if named else "opened"
