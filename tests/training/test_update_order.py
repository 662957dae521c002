"""The same seed gives the same model, however busy the machine is."""

import pytest
import tensorflow as tf
from small_runs import RICH
from update_order import unordered_reads

from vae.data.mnist import Data
from vae.model.keras_model import VAE
from vae.presets import PRESETS
from vae.training.loop import Training

FEW = {"synthetic_ratio": 0.0, "epochs": 1}
"""For a quick start, and without XLA, which has no such graph."""


@pytest.fixture(scope="module")
def few(mnist):
    return Data(mnist.train.part(slice(5000)), mnist.test.part(slice(100)))


@pytest.mark.parametrize(
    "params",
    [
        RICH,
        RICH.model_copy(update={"decoder_sees": "label", "encoder_sees_label": True}),
        RICH.model_copy(update={"decoder_sees": "nothing"}),
        PRESETS["fast"].model_copy(update=FEW),
        PRESETS["conv"].model_copy(update=FEW),
    ],
    ids=["rich", "label", "nothing", "fast", "conv"],
)
def test_every_read_of_a_variable_is_ordered_with_its_update(params, few):
    count, unordered = unordered_reads(Training(params, few))
    assert count > 50
    assert unordered == []


def test_a_read_that_is_not_ordered_is_found(few, monkeypatch):
    def step(model, x, y):
        with tf.GradientTape() as tape:
            terms = model.loss_terms(x, y, training=True)
        variables = model.trainable_variables
        model.optimizer.apply(tape.gradient(terms["loss"], variables), variables)
        return terms

    monkeypatch.setattr(VAE, "step", step)
    _, unordered = unordered_reads(Training(RICH, few))
    assert len(unordered) == 4, "the weights and biases of the classifier's two layers"
