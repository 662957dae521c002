"""A run as a file to keep and to hand in: one HTML page that needs nothing but itself."""

import math
import platform
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment
from tqdm import tqdm

from ui.components.charts import ACCENT, MUTED
from ui.components.curves import kl_bars, learning_curves
from ui.runs import presets
from ui.shared import labels
from vae.data.mnist import Floats
from vae.errors import WeightsError
from vae.files.weights import load
from vae.images import generate_digits, to_png
from vae.model.architecture import architecture
from vae.model.layers import BatchNorm, Conv, Dense, Dropout, Layer, MaxPool
from vae.model.numpy_model import TrainedVAE
from vae.params import Params
from vae.public.names import all_names
from vae.runs.run import Run
from vae.runs.snapshots import Snapshot, animation
from vae.runs.status import Status
from vae.training.progress import Point

PACKAGES = ("tensorflow", "keras", "numpy")
MAX_FRAMES = 30
"""As many pictures as the animation has at most: each takes 30 kB or so."""

_MEASURED = (
    *("accuracy", "cross_entropy", "calibration_error", "loss", "recon", "kl"),
    *("active_units", "sse_mean", "sse_sampled"),
)
_VALIDATED = ("accuracy", "loss", "recon", "kl")
_FOREGROUND = "currentColor"
_SVG_STYLE = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "title": {
        "color": _FOREGROUND,
        "anchor": "start",
        "fontSize": 14,
        "fontWeight": 600,
        "offset": 12,
    },
    "axis": {
        "labelColor": _FOREGROUND,
        "labelFontSize": 12,
        "gridColor": _FOREGROUND,
        "gridOpacity": 0.12,
        "domainColor": _FOREGROUND,
        "domainOpacity": 0.3,
        "tickColor": _FOREGROUND,
        "tickOpacity": 0.3,
    },
}


def report(run: Run) -> bytes:
    """The report of a run, as far as it has come: HTML, UTF-8."""
    status, params = run.status(), run.params
    history = status.history
    try:
        model = load(run.last)
    except WeightsError:
        model = None
    default = Params().model_dump()
    figures = history.epochs[-1] if history.epochs else {}
    confusion = history.confusion[-1] if history.confusion else []
    confusion = (model.metrics if model else {}).get("confusion", confusion)
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    )
    return page.render(
        run=run,
        owner=all_names().get(run.ownership.owner, ""),
        status=status,
        measured=labels.rows(_MEASURED, model.metrics) if model else [],
        validated=labels.rows(
            _VALIDATED, {name.removeprefix("val_"): value for name, value in figures.items()}
        ),
        epoch=figures.get("epoch", 0),
        validated_on=labels.validated_on(params),
        digits=_row_of_digits(model, params.seed) if model else "",
        labelled=params.labelled,
        samples=_snapshots([s for s in run.snapshots() if not s.step]),
        curves=_charts(status),
        colors={"training": MUTED, "validation": ACCENT},
        changes=[
            (labels.parameter(c.param), f"{c.value:g}", f"{c.epochs_done:.2f}")
            for c in history.changes
        ],
        log=_log(status, params),
        confusion=confusion,
        mistakes=max(
            (n for i, row in enumerate(confusion) for n in row[:i] + row[i + 1 :]), default=0
        ),
        params=[
            (labels.parameter(name), labels.plain(value), value != default[name])
            for name, value in params.model_dump().items()
        ],
        parts=summary(params),
        versions={"python": platform.python_version(), **_versions()},
        command=command(params),
    ).encode()


def command(params: Params) -> str:
    """What to type into a terminal to train the same: as few options as any preset allows."""
    preset, differing = presets.nearest(params)
    options = [f"--{n.replace('_', '-')} {_typed(v)}" for n, v in differing.items()]
    return " ".join(["python -m vae train --preset", preset, *options])


def summary(params: Params) -> list[tuple[str, str, int]]:
    """Each part of the model: its name, its layers in words and how many weights it has."""
    built = architecture(params)
    parts = {
        "Encoder": [*built.stem, *built.encoder],
        "μ": built.mu,
        "log σ²": built.log_var,
        "Classifier": built.classifier,
        "Decoder": built.decoder,
    }
    return [
        (
            name,
            " → ".join(filter(None, map(_layer, layers))),
            sum(math.prod(shape) for layer in layers for shape in layer.shapes.values()),
        )
        for name, layers in parts.items()
    ]


def _layer(layer: Layer) -> str:
    match layer:
        case Dense():
            words = f"{layer.units} units"
        case Conv():
            kind = "transposed filters" if layer.transposed else "filters"
            words = f"{layer.filters} {kind} {layer.size} × {layer.size}"
            words += f", stride {layer.stride}" if layer.stride > 1 else ""
        case BatchNorm():
            words = "batch normalisation"
        case MaxPool():
            return "max pooling"
        case Dropout():
            return f"dropout {layer.rate:g}"
        case _:
            return ""
    return f"{words}, {layer.activation}" if layer.activation else words


def _typed(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or '""'
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class _Seeded:
    """A model whose random z are always the same."""

    model: TrainedVAE
    rng: np.random.Generator

    def generate(self, digit: int, z: None = None) -> Floats:
        shape = 1, self.model.params.z_dim
        return self.model.generate(digit, self.rng.standard_normal(shape, np.float32))


def _row_of_digits(model: TrainedVAE, seed: int) -> str:
    row = generate_digits(_Seeded(model, np.random.default_rng(seed)))
    return _uri(to_png(np.asarray(row)), "png")


def _snapshots(samples: Sequence[Snapshot]) -> dict[str, Any]:
    """The first and the last picture of what the model drew, and all between as an animation."""
    stride = -(-len(samples) // MAX_FRAMES) or 1
    some = [*samples[:-1:stride], *samples[-1:]]
    read = [(snapshot.epoch, png) for snapshot in some if (png := snapshot.read())]
    if not read:
        return {}
    epochs, frames = zip(*read, strict=True)
    return {
        "first": epochs[0],
        "last": epochs[-1],
        "before": _uri(frames[0], "png"),
        "after": _uri(frames[-1], "png"),
        "moving": _uri(animation(frames), "gif") if len(frames) > 1 else "",
    }


def _uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


def _charts(status: Status) -> list[str]:
    history = status.history
    if not history.epochs:
        return []
    specs = learning_curves(history.points, history.epochs, status.target_epochs, history.changes)
    kl = history.kl_per_dimension[-1]
    specs["kl_per_dimension"] = kl_bars(kl, history.active[-1])
    return [_svg(name, spec) for name, spec in specs.items()]


def _svg(name: str, spec: dict[str, Any]) -> str:
    import vl_convert  # Half a second and 80 MB: for those who ask for a report.

    spec = {**spec, "width": 420, "height": 210}
    if "layer" in spec:  # What only shows under a pointer is left out.
        spec["layer"] = [_unlabelled(layer) for layer in spec["layer"] if "params" not in layer]
    svg = vl_convert.vegalite_to_svg(spec, config=_SVG_STYLE, allowed_base_urls=[])
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg, count=2)
    # Names that are the same in each chart would be one in the page.
    svg = re.sub(r'((?: id="|url\(#))', rf"\1{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{spec["title"]["text"]}" ', 1)


def _unlabelled(layer: dict[str, Any]) -> dict[str, Any]:
    """The layer without a legend: one for all charts is above them."""
    encoding = dict(layer["encoding"])
    if "color" in encoding:
        encoding["color"] = {**encoding["color"], "legend": None}
    return {**layer, "encoding": encoding}


def _log(status: Status, params: Params) -> list[str]:
    """A line for each epoch, as the report's figure 4 has it."""
    points: defaultdict[float, list[Point]] = defaultdict(list)
    for point in status.history.points:
        points[point.epoch].append(point)
    lines, target = [], status.target_epochs
    for entry in status.history.epochs:
        if "loss" not in entry:  # Of epoch 0, before the training.
            continue
        here = points[entry["epoch"]]
        starts = [0, *(point.step for point in here)]
        seconds = sum(
            (point.step - start) * params.batch_size / point.examples_per_second
            for point, start in zip(here, starts, strict=False)
        )
        steps = here[-1].steps if here else 0
        terms = [t for t in ("loss", "recon", "kl", "cls", "consistency", "val_loss") if t in entry]
        meter = tqdm.format_meter(
            steps,
            steps,
            seconds,
            prefix=f"Epoch {entry['epoch']:>{len(str(target))}.0f}/{target}",
            unit="batch",
            postfix=", ".join(f"{term}={entry[term]:.4f}" for term in terms),
        )
        lines.append(meter)
    return lines


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
