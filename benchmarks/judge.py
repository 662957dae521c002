"""The judge: a convolutional classifier of digits that measures the quality of generated ones.

    python -m benchmarks.judge

trains it (some 10 minutes on two cores), writes benchmarks/judge.safetensors and prints its
accuracy on the test set. It is trained on MNIST alone, apart from the models, so that its errors
are not those of a model's own classifier.
"""

import json
from pathlib import Path

import numpy as np

from vae.data.mnist import Examples, load_mnist
from vae.files import tensors
from vae.training.quiet import quiet

with quiet():
    import keras
    import tensorflow as tf

FILE = Path(__file__).with_suffix(".safetensors")
FEATURES = 128
EPOCHS = 8
BATCH = 128
PEAK_LEARNING_RATE = 2e-3


def network() -> keras.Model:
    """Images (n, 784) → logits (n, 10) and, on the way, features (n, 128)."""
    layers = keras.layers
    x = inputs = keras.Input((784,))
    x = layers.Reshape((28, 28, 1))(x)
    for filters, last in ((32, True), (64, False), (64, True), (128, True)):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        if last:
            x = layers.MaxPooling2D()(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    features = layers.Dense(FEATURES, activation="relu")(x)
    logits = layers.Dense(10)(layers.Dropout(0.3)(features))
    return keras.Model(inputs, [logits, features])


def augmented(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each image a little rotated, scaled, sheared and shifted: (n, 784) → (n, 784)."""
    n = len(images)
    angle, shear = rng.uniform(-0.17, 0.17, n), rng.uniform(-0.15, 0.15, n)
    scale, shift = rng.uniform(0.88, 1.12, (2, n)), rng.uniform(-1.5, 1.5, (2, n))
    a, b = scale[0] * np.cos(angle), scale[0] * (shear - np.sin(angle))
    c, d = scale[1] * np.sin(angle), scale[1] * np.cos(angle)
    dx, dy = shift[0] + 13.5 * (1 - a - b), shift[1] + 13.5 * (1 - c - d)
    zero = np.zeros(n)
    matrix = np.stack([a, b, dx, c, d, dy, zero, zero], 1).astype(np.float32)
    warped = keras.ops.image.affine_transform(images.reshape(-1, 28, 28, 1), matrix)
    return keras.ops.convert_to_numpy(warped).reshape(-1, 784)


def train(examples: Examples) -> keras.Model:
    """A network trained on `examples`, which are changed at random in every epoch but the last."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    model = network()
    steps = EPOCHS * (len(examples.x) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_LEARNING_RATE / 10, steps, warmup_target=PEAK_LEARNING_RATE, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.Adam(rate),
        loss=[keras.losses.SparseCategoricalCrossentropy(from_logits=True), None],
        jit_compile=False,
    )
    for epoch in range(EPOCHS):
        x = examples.x if epoch == EPOCHS - 1 else augmented(examples.x, rng)
        order = rng.permutation(len(x))[: len(x) // BATCH * BATCH]
        model.fit(x[order], examples.y[order], batch_size=BATCH, verbose=2, shuffle=False)
    return model


def load() -> keras.Model:
    """The network with the weights of `FILE`."""
    model = network()
    arrays, _ = tensors.read(FILE)
    model.set_weights([arrays[str(i)] for i in range(len(arrays))])
    return model


def predict(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 784) → digits (n,) and features (n, 128)."""
    run = tf.function(model, reduce_retracing=True)
    parts = [run(images[i : i + 1000]) for i in range(0, len(images), 1000)]
    logits, features = (
        np.concatenate([p.numpy() for p in part]) for part in zip(*parts, strict=True)
    )
    return logits.argmax(1), features


def main() -> None:
    """Train, report, write."""
    data = load_mnist()
    model = train(data.train)
    accuracy = float((predict(model, data.test.x)[0] == data.test.y).mean())
    print(f"The judge's accuracy on the test set is {accuracy:.2%}.")
    arrays = {str(i): weight for i, weight in enumerate(model.get_weights())}
    FILE.write_bytes(tensors.to_bytes(arrays, {"accuracy": json.dumps(accuracy)}))


if __name__ == "__main__":
    main()
