"""The validation of a model while it trains, in TensorFlow."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from vae.analysis.latent import active_units
from vae.data.mnist import CLASSES, Examples
from vae.model.keras_model import VAE
from vae.model.losses import kl_per_dimension
from vae.model.training_size import validation_batch
from vae.training.progress import Validation
from vae.training.shared import shared_tensor


class Validator:
    """Evaluates a model on examples, batch by batch."""

    def __init__(self, model: VAE, examples: Examples, eager: bool = False) -> None:
        self._model, self._count = model, len(examples.x)
        size = validation_batch(model.params)
        self._batches = [
            tuple(map(shared_tensor, examples.part(slice(i, i + size))))
            for i in range(0, self._count, size)
        ]
        # Without XLA, whose compiler would take longer than it saves in a hundred epochs.
        self._evaluate = (
            self._evaluate_batch
            if eager
            else tf.function(self._evaluate_batch, reduce_retracing=True, autograph=False)
        )

    def _evaluate_batch(self, x, y):  # type: ignore[no-untyped-def]
        model = self._model
        terms = model.loss_terms(x, y)
        mu, log_var = model.encode(x, tf.one_hot(y, CLASSES))
        kl = tf.reduce_sum(kl_per_dimension(mu, log_var), 0)
        predicted = tf.argmax(model.classify(x), 1)
        return terms, mu, kl, tf.math.confusion_matrix(y, predicted, CLASSES)

    def run(self) -> Iterator[Validation | None]:
        """None after every batch but the last, then the validation."""
        model, n = self._model, self._count
        sums = dict.fromkeys(model.params.terms, 0.0)
        kl, confusion = np.zeros(model.params.z_dim), np.zeros((CLASSES, CLASSES), int)
        means = []
        for i, (x, y) in enumerate(self._batches, 1):
            terms, mu, batch_kl, batch_confusion = self._evaluate(x, y)
            for term, value in terms.items():
                sums[term] += float(value) * len(x)
            means.append(mu.numpy())
            kl += batch_kl.numpy()
            confusion += batch_confusion.numpy()
            if i < len(self._batches):
                yield None
        figures = {f"val_{term}": total / n for term, total in sums.items()}
        figures["val_accuracy"] = float(confusion.trace() / n)
        active = active_units(np.concatenate(means)).tolist()
        yield Validation(figures, (kl / n).tolist(), active, confusion.tolist())
