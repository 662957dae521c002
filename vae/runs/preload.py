"""Imports and data to preload, so that a worker forked from this process starts at once."""

import scipy.optimize  # noqa: F401

import vae.training.loop  # noqa: F401
from vae.calibration import calibration_digits
from vae.data.mnist import mnist

mnist()
calibration_digits()
