"""The lab report's loss: the preset `report`, and the report's own program."""

import runpy

import keras
import numpy as np
import pytest
import tensorflow as tf

from vae import PRESETS, Params, load, settings
from vae.model.keras_model import VAE
from vae.training import report_units

LOG = {"loss": 20.0188, "val_loss": 20.4167}
"""The last line of the report's log."""

PROGRAM = settings.ROOT / "examples" / "report.py"


@pytest.fixture
def program():
    return runpy.run_path(str(PROGRAM))


def without_noise(model):
    """The model with z = mu."""
    model.reparameterize = lambda mu, log_var: mu
    return model


def test_classic_has_the_reports_parameters(program):
    assert PRESETS["classic"] == Params.of(program["params"]) == Params()


def test_the_included_model_ends_where_the_reports_log_does():
    model = load("report")
    last = model.history[-1]
    assert last["epoch"] == 20
    mean = report_units.converted(last, model.params)["loss"]
    assert mean == pytest.approx(last["loss"] / report_units.SCALE, rel=1e-6)
    assert mean == pytest.approx(LOG["loss"], rel=0.02)
    assert last["val_loss"] / report_units.SCALE == pytest.approx(LOG["val_loss"], rel=0.025)


def test_the_preset_and_the_program_take_the_same_steps(program, mnist):
    params = PRESETS["report"]
    assert report_units.has_loss(params) and not report_units.has_loss(Params())
    ours, theirs = without_noise(VAE(params)), without_noise(program["VAE"](program["params"]))
    ours.compile()
    theirs(tf.zeros((1, 784)))
    parts = [theirs.encoder, theirs.mu_layer, theirs.log_var_layer, theirs.classifier]
    tensors = [*ours.to_trained().tensors.values()]
    for part in [*parts, theirs.decoder]:
        count = len(part.weights)
        part.set_weights(tensors[:count])
        del tensors[:count]
    optimizer = keras.optimizers.Adam(params.learning_rate)
    for i in range(5):
        x, y = mnist.train.part(slice(100 * i, 100 * i + 100))
        terms = {name: float(value) for name, value in ours.step(x, y).items()}
        of_program = program["step"](theirs, optimizer, tf.constant(x), tf.constant(y))
        for name, value in report_units.converted(terms, params).items():
            assert float(of_program[name]) == pytest.approx(value, rel=1e-4)


def test_the_program_prints_a_log_and_draws_ten_digits(program, mnist, capsys):
    def batches(examples):
        return tf.data.Dataset.from_tensor_slices(tuple(examples.part(slice(500)))).batch(100)

    model = program["VAE"](program["params"])
    model(tf.zeros((1, 784)))
    program["params"]["epochs"] = 1
    program["train"](model, batches(mnist.train), batches(mnist.test))
    out, err = capsys.readouterr()
    assert "Epoch 1/1: 100%" in err and "5/5" in err and "cls=" in err
    assert out.startswith("Validation Loss: ") and "Epoch 1 finished, mean loss: " in out
    row = program["generate_digits"](model)
    assert row.size == (280, 28) and np.ptp(np.asarray(row)) > 0
