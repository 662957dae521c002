"""The Keras model, used as people use any other one: files, forms of data, and what is refused."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import vae
from vae.errors import UsageError
from vae.model.keras_model import VAE

SMALL = {"encoder_layers": (8,), "decoder_layers": (8,), "z_dim": 2}


@pytest.fixture(scope="module")
def few(mnist):
    return mnist.train.part(slice(60))


@pytest.fixture(scope="module")
def fitted(few):
    model = VAE(SMALL)
    model.compile()
    images = np.round(255 * few.x).astype(np.uint8).reshape(-1, 28, 28)
    model.fit(images, np.eye(10)[few.y], batch_size=20, validation_data=(few.x, few.y), verbose=0)
    return model


def test_a_file_is_loaded_by_who_imports_vae_and_keras(fitted, tmp_path):
    fitted.save(tmp_path / "model.keras")
    code = """
        import vae, keras, sys
        model = keras.models.load_model(sys.argv[1])
        print(model.to_trained().digest(), int(model.optimizer.iterations))
    """
    code = "; ".join(line.strip() for line in code.strip().splitlines())
    command = [sys.executable, "-c", code, str(tmp_path / "model.keras")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert loaded == [fitted.to_trained().digest(), "3"]


def test_it_is_exported_after_fit_and_saved_for_numpy(fitted, few, tmp_path):
    fitted.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    assert np.allclose(exported.serve(few.x)[3], fitted.classify(few.x), atol=1e-5)
    vae.save(tmp_path / "model.safetensors", fitted)
    assert vae.load(tmp_path / "model.safetensors").digest() == fitted.to_trained().digest()


def batches(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(20)


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda m, x, y: m.fit(255 * x, y), "from 0 to 1, or uint8"),
        (lambda m, x, y: m.evaluate(x, y + 5), "digits 0 to 9"),
        (lambda m, x, y: m.fit(x), "y is missing"),
        (lambda m, x, y: m.fit(x, y, sample_weight=y, verbose=0), "leave out sample_weight"),
        (lambda m, x, y: m.evaluate(batches(x), verbose=0), "must have its digits"),
        (lambda m, x, y: m.evaluate(batches(x.reshape(-1, 28, 28), y), verbose=0), r"\(n, 784\)"),
        (lambda m, x, y: m.predict(2 * x), "from 0 to 1, or uint8"),
        (lambda m, x, y: m((255 * x).astype("uint8")), r"\(n, 784\)"),
        (lambda m, x, y: m.compile(metrics=["accuracy"]), "leave out metrics"),
        (lambda m, x, y: m.generate(12), "digits 0 to 9"),
        (lambda m, x, y: m.generate(1, np.zeros((1, 3))), r"z must be \(n, 2\)"),
        (lambda m, x, y: m.save("model.h5"), r"ends in \.keras"),
    ],
)
def test_what_would_be_wrong_is_refused_in_a_sentence(use, sentence, fitted, few):
    with pytest.raises(UsageError, match=sentence):
        use(fitted, *few)


def test_batches_of_a_dataset_may_have_other_types(fitted, few):
    doubles = fitted.evaluate(batches(few.x.astype(float), few.y.astype(np.uint8)), verbose=0)
    assert np.isfinite(doubles).all()


def test_other_types_than_float32_are_refused():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(UsageError, match="not in mixed_float16"):
            VAE(SMALL)
    finally:
        keras.config.set_dtype_policy("float32")


def test_the_numpy_model_refuses_the_same(classic, few):
    assert classic.predict(few.x[0].reshape(28, 28)).digit == classic.predict(few.x[0]).digit
    for use, sentence in (
        (lambda: classic.predict(255 * few.x[0]), "from 0 to 1"),
        (lambda: classic.answer(few.x), "An image must be"),
        (lambda: classic.generate(-1), "digits 0 to 9"),
        (lambda: classic.generate(3, [0.0, 1.0]), r"z must be \(n, 10\)"),
    ):
        with pytest.raises(UsageError, match=sentence):
            use()
