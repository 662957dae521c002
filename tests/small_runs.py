"""Runs that take a moment, and what tests need to know of them."""

import numpy as np
import pytest
from conftest import wait_until

from vae import Params, load
from vae.runs import store
from vae.runs.rows import has_worker

SMALL = {
    "encoder_layers": (16,),
    "decoder_layers": (16,),
    "digit_classification_layers": (16,),
    "held_out": 1000,
}
QUICK = Params(**SMALL, batch_size=1000, epochs=2)
RICH = Params(
    **SMALL,
    batch_size=1000,
    epochs=4,
    dropout=0.2,
    augmentation=1.0,
    learning_rate_schedule="cosine",
    consistency_weight=1.0,
    synthetic_ratio=0.01,
)
"""With every kind of random number that a training uses."""


def start_endless(name, params=QUICK):
    """A run that ends only when the test says so: more epochs than it will ever get to.

    They are requested, not a parameter: with that many, XLA would compile, which takes longer.
    """
    run = store.create(params, name)
    run.request(target_epochs=1000)
    run.submit()
    return run


def end_soon(run):
    """Have an endless run finish at once: it has as many epochs as it is to have."""
    run.request(target_epochs=1)


def ended(run):
    """The status of a run, once nobody works on it or will."""
    wait_until(lambda: not run.status().is_active and not has_worker(run.id))
    return run.status()


def same_end(run, reference):
    """Assert that two runs ended on the same model by the same way, to 1e-6."""
    one, other = load(run.last), load(reference.last)
    assert len(one.history) == len(other.history)
    for entry, expected in zip(one.history, other.history, strict=True):
        assert entry == pytest.approx(expected, rel=1e-6)
    for name, array in one.tensors.items():
        assert np.allclose(array, other.tensors[name], rtol=1e-6, atol=1e-6), name
    logged = run.status().history.epochs[1:]
    assert [entry["val_loss"] for entry in logged] == [e["val_loss"] for e in one.history]
    points = [point.epochs_done for point in run.status().history.points]
    assert points == [point.epochs_done for point in reference.status().history.points]
