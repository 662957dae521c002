"""What a worker finds in memory if it is forked from a process that has imported this."""

import scipy.optimize  # noqa: F401

import vae.training.loop  # noqa: F401
from vae.data.mnist import mnist
from vae.evaluation import jittery_digits

mnist()
jittery_digits()
