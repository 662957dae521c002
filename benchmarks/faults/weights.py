"""Mutated weights files, uploaded: each is refused with a sentence, or its model can be used."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults.bad_input import Rng
from benchmarks.faults.mutations import MUTATIONS
from benchmarks.faults.tally import Tally, check, check_sentence
from vae import settings
from vae.errors import WeightsError
from vae.export import generate_dataset
from vae.model import registry, uploads, weights
from vae.model.architecture import shapes
from vae.model.numpy_model import DigitGaussians, TrainedVAE
from vae.params import Params

COUNT, QUICK = 10_000, 500


def run(quick: bool) -> Iterator[Tally]:
    """A row for each kind of mutation."""
    rng = np.random.default_rng(0)
    sources = [_content(model) for model in _models(rng)]
    sources.append((settings.SHIPPED / "plane.safetensors").read_bytes())
    written = _record_writes()
    for what, mutated in MUTATIONS.items():
        tally = Tally(f"weights file: {what}")
        for i in range(-(-(QUICK if quick else COUNT) // len(MUTATIONS))):
            # The shipped one is large: now and then.
            source = sources[-1] if i % 40 == 39 else sources[i % (len(sources) - 1)]
            content = mutated(source, rng)
            tally.trial(partial(_upload, content, written), i)
        yield tally


def _models(rng: Rng) -> list[TrainedVAE]:
    """Small ones of each kind; one with all that a file may hold."""
    small = {"encoder_layers": [8], "decoder_layers": [9], "digit_classification_layers": [7]}
    filters = {
        "encoder_filters": [4],
        "decoder_filters": [4, 3],
        "digit_classification_filters": [3],
    }
    found = []
    for more in ({}, {"decoder_sees": "nothing"}, filters):
        params = Params(**small, **more, z_dim=3)
        tensors = {
            name: np.abs(rng.standard_normal(shape)).astype(np.float32)
            for name, shape in shapes(params).items()
        }
        history = [{"epoch": i, "loss": 2.5, "val_loss": 2.75, "val_accuracy": 0.5} for i in (1, 2)]
        metrics = {"accuracy": 0.5, "temperature": 1.5, "contrast": 2.0, "active_units": 2}
        root = np.tile(np.eye(3, dtype=np.float32), (10, 1, 1))
        gaussians = DigitGaussians(np.zeros((10, 3), np.float32), root)
        found.append(TrainedVAE(params, tensors, metrics, history, gaussians, {0: "slant"}))
    return found


def _content(model: TrainedVAE) -> bytes:
    path = settings.HOME / "source.safetensors"
    weights.save(path, model)
    return path.read_bytes()


def _record_writes() -> set[str]:
    """The paths that this process opens for writing, makes or renames, from now on."""
    written: set[str] = set()

    def note(event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = details
            if isinstance(path, str) and (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                written.add(path)
        elif event in ("os.mkdir", "os.rename", "os.symlink", "os.link"):
            written.update(str(part) for part in details[:2] if isinstance(part, str | Path))

    sys.addaudithook(note)
    return written


def _upload(content: bytes, written: set[str]) -> str:
    written.clear()
    before = set(settings.MODELS.glob("*"))
    try:
        uploads.receive(content, "mutated")
    except WeightsError as error:
        check_sentence(error)
        check(str(settings.HOME) not in str(error), f"a path of the server: {error}")
        check(set(settings.MODELS.glob("*")) == before, "a refused file was kept")
        outcome = "refused"
    else:
        model = registry.load("mutated")
        weights.check_usable(model)
        images = generate_dataset(model, 10, 0).x
        check(np.isfinite(images).all(), "its images are not finite")
        registry.delete("mutated")
        outcome = "accepted and usable"
    own = (str(settings.HOME), os.environ.get("TMPDIR", "/tmp"), "/dev/null")
    outside = [path for path in written if Path(path).is_absolute() and not path.startswith(own)]
    check(not outside, f"written outside: {outside}")
    return outcome
