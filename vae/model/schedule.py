"""How the learning rate and the weight of the KL divergence go over a training."""

from typing import Any

import keras
import tensorflow as tf


class Cosine(keras.optimizers.schedules.CosineDecay):
    """Up over the first tenth of `steps`, then down to 0 along a cosine.

    Loshchilov & Hutter, SGDR (2017), with the warm-up of Goyal et al. (2017).

    Args:
        peak: the highest learning rate; can be changed while a training goes on.
        steps: how many optimizer steps it lasts.
        first: the optimizer step at which it begins.
    """

    def __init__(self, peak: float, steps: int, first: int = 0) -> None:
        warmup = steps // 10
        super().__init__(peak / 20, steps - warmup, warmup_target=peak, warmup_steps=warmup)
        self.peak, self.first = peak, first
        self.scale = tf.Variable(1.0, trainable=False)

    def __call__(self, step: Any) -> Any:
        """The learning rate at that optimizer step."""
        return super().__call__(step - self.first) * self.scale

    def set_peak(self, value: float) -> None:
        """Go on with another highest learning rate."""
        self.scale.assign(value / self.peak)


_CYCLES = {"warm-up": 1, "cyclic": 4}


def kl_share(schedule: str, done: tf.Tensor) -> tf.Tensor:
    """The share of β at a moment of a training, 0 to 1: it rises over half of each cycle, and is 1
    after the last.

    Warm-up: Bowman et al., Generating Sentences from a Continuous Space (2016); cyclic: Fu et al.,
    Cyclical Annealing Schedule (2019).

    Args:
        schedule: "warm-up" or "cyclic".
        done: how much of the training is done, from 0 to 1.
    """
    in_cycle = tf.where(done < 1, _CYCLES[schedule] * done % 1, 1.0)
    return tf.minimum(2 * in_cycle, 1)
