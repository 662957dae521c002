"""What people call on a Keras model, with what would go wrong silently refused in a sentence."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from vae.data.examples import as_examples, as_images
from vae.data.mnist import PIXELS
from vae.errors import UsageError

_OWN = ("loss", "loss_weights", "metrics", "weighted_metrics")
"""Arguments of Keras' `compile` that would be without effect."""


class CheckedModel(keras.Model):
    """A Keras model of images (n, 784) and digits (n,) that has its own loss.

    Attributes:
        trackers: the means of the terms of the loss, by their names.
    """

    trackers: list[keras.metrics.Mean]

    @abstractmethod
    def step(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """One optimizer step on a batch; the loss terms before it."""

    @abstractmethod
    def loss_terms(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """The loss of a batch and its terms."""

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.fit`, on images and digits as in `vae.data.examples`.

        Raises:
            UsageError: if arrays are no images and digits.
        """
        x, y = _checked(x, y)
        if isinstance(validation := kwargs.get("validation_data"), tuple | list):
            kwargs["validation_data"] = (*_checked(*validation[:2]), *validation[2:])
        return super().fit(x, y, *args, **kwargs)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.evaluate`; see `fit`."""
        return super().evaluate(*_checked(x, y), *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.predict`, of images as in `vae.data.examples`.

        Raises:
            UsageError: if an array is no images.
        """
        return super().predict(as_images(x) if _is_array(x) else x, *args, **kwargs)

    def export(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.export`."""
        self(tf.zeros((1, PIXELS)))  # Keras refuses to export what was never called.
        return super().export(*args, **kwargs)

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.save`.

        Raises:
            UsageError: for Keras' older format, from which it could not be loaded.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise UsageError("Give the file a name that ends in .keras: H5 files cannot be loaded.")
        super().save(filepath, *args, **kwargs)

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """As Keras has it: a step on a batch."""
        x, y = _batch(data)
        return self._track(self.step(x, y), x)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """As Keras has it: the loss of a batch and its terms."""
        x, y = _batch(data)
        return self._track(self.loss_terms(x, y), x)

    def _track(self, terms: dict[str, tf.Tensor], x: tf.Tensor) -> dict[str, tf.Tensor]:
        for tracker in self.trackers:
            tracker.update_state(terms[tracker.name], sample_weight=tf.shape(x)[0])
        return {tracker.name: tracker.result() for tracker in self.trackers}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Those of an epoch."""
        return self.trackers

    def get_config(self) -> dict[str, Any]:
        """What `keras.models.load_model` makes the model of."""
        return {"params": self.params.model_dump(mode="json")}

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile_from_config` needs."""
        return {"optimizer": keras.saving.serialize_keras_object(self.optimizer)}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile the model as it was when it was saved."""
        self.compile(keras.saving.deserialize_keras_object(config["optimizer"]))
        self.optimizer.build(self.trainable_variables)

    def _variables_by_name(self) -> dict[str, Any]:
        return {
            name: variable
            for part, built_part in zip(self.architecture, self._parts, strict=True)
            for layer, built in zip(part, built_part.layers, strict=True)
            for name, variable in zip(layer.shapes, built.weights, strict=True)
        }


def _is_array(values: Any) -> bool:
    return isinstance(values, list | tuple) or hasattr(values, "__array__")


def _checked(x: Any, y: Any) -> tuple[Any, Any]:
    """Arrays as `Examples`; datasets and generators as they are."""
    if _is_array(x):
        if y is None:
            raise UsageError("The model learns from images and their digits: y is missing.")
        return as_examples((x, y))
    if isinstance(x, tf.data.Dataset):
        _images_and_digits(x.element_spec)
    return x, y


def _batch(data: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """The images (n, 784) and the digits (n,) of a batch."""
    x, y = _images_and_digits(data)
    return tf.cast(x, tf.float32), tf.cast(y, tf.int32)


def _images_and_digits(data: Any) -> tuple[Any, Any]:
    """Those of a batch, which is refused if they have another form."""
    x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
    if weights is not None:
        raise UsageError("The model's loss has no weights of examples: leave out sample_weight.")
    check_images(x)
    if y is None or not tf.TensorShape([None]).is_compatible_with(y.shape):
        raise UsageError("A batch of a dataset must have its digits, (n,), as second element.")
    return x, y


def check_images(x: Any) -> None:
    """Refuse a batch that is not (n, 784) of floats.

    Raises:
        UsageError: if it is not.
    """
    right = tf.TensorShape([None, PIXELS]).is_compatible_with(x.shape)
    if not right or not tf.as_dtype(x.dtype).is_floating:
        raise UsageError(f"A batch of images must be (n, {PIXELS}), numbers from 0 to 1.")


def check_compile(options: Mapping[str, Any]) -> None:
    """Refuse a loss and metrics among the arguments of `compile`.

    Raises:
        UsageError: if there are some.
    """
    if own := [name for name in _OWN if options.get(name)]:
        raise UsageError(f"The model has its own loss and metrics: leave out {', '.join(own)}.")
