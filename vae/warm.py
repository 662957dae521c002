"""What a worker finds in memory if it is forked from a process that has imported this."""

import scipy.optimize  # noqa: F401

import vae.training  # noqa: F401
from vae.data import mnist
from vae.metrics import shaky

mnist()
shaky()
