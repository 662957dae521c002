"""What the tests of the map share: the map on a page, and what NumPy says of it."""

import base64
import io

import numpy as np
from browsing import (
    linked,
    pixels,
)
from conftest import wait_until
from PIL import Image

from vae.analysis.latent_map import compute_mu
from vae.analysis.projection import plane_of
from vae.data.mnist import test_images as mnist_test_images
from vae.model.numpy_model import softmax


class Map:
    """The map on a page, and what NumPy says of its model."""

    def __init__(self, page, model):
        self.page = page
        self.root, self.plot = page.locator(".map-view"), page.locator(".plot")
        self.model = model
        self.images = mnist_test_images()
        self.mu = compute_mu(model, self.images).astype(np.float16).astype(np.float32)
        self.plane = plane_of(self.mu)
        self.places = (self.mu - self.plane.origin) @ self.plane.axes.T

    def ready(self, name=""):
        of_model = f"[data-model^='{name}@']" if name else ""
        self.page.locator(f".map-view{of_model}[data-ready=model]").wait_for()

    def linked(self, name):
        return linked(self.page, name)

    @property
    def pin(self):
        return np.array([float(value) for value in self.linked("pin").split(",")])

    @property
    def nearest(self):
        return int(self.root.get_attribute("data-nearest"))

    @property
    def size(self):
        box = self.plot.bounding_box()
        return np.array([box["width"], box["height"]])

    def at(self, across, down):
        """A place of the window, given as shares of the plot."""
        box = self.plot.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def pin_at(self, across, down):
        self.plot.press("Escape")
        wait_until(lambda: self.linked("pin") is None)
        self.page.mouse.click(*self.at(across, down))
        wait_until(lambda: self.linked("pin"))
        return self.pin

    def scale(self):
        """Where (0.25, 0.3) of the plot is on the map, and pixels for each unit."""
        first, second = self.pin_at(0.25, 0.3), self.pin_at(0.7, 0.8)
        return first, np.array([0.45, 0.5]) * self.size / (second - first)

    def shows(self, place, digit=None, digits=range(10)):
        """Wait until all that is beside the map is what NumPy has for a place."""
        distances = ((self.places - place) ** 2).sum(1)
        near = np.where(np.isin(self.images.y, list(digits)), distances, np.inf).argmin()
        wait_until(lambda: self.nearest == near)
        label = self.images.y[near]
        self.page.get_by_text(f"nearest: a {label}", exact=True).wait_for()
        z = self.plane.origin + place @ self.plane.axes
        x = self.images.examples(slice(near, near + 1)).x
        probability = softmax(self.model.classify(x))
        for name, expected in (
            ("decoded", self.model.generate(label if digit is None else digit, z)[0]),
            ("original", x[0]),
            ("redrawn", self.model.decode(self.mu[near : near + 1], probability)[0]),
        ):
            wait_until(lambda n=name, e=expected: np.abs(self.gray(n) - 255 * e).max() <= 3)

    def gray(self, name):
        """The pixels of a picture, 0 to 255."""
        return rgba(self.page.locator(f"canvas.{name}"))[..., 0].ravel().astype(int)

    def colours(self):
        return rgba(self.page.locator("canvas.points"))

    def legend(self):
        """The ten colours, (10, 3)."""
        text = (
            "all => all.map(s => getComputedStyle(s).backgroundColor.match(/[0-9]+/g).map(Number))"
        )
        return np.array(self.page.locator(".swatch").evaluate_all(text))


def rgba(canvas):
    """The colours of a canvas, (height, width, 4)."""
    png = pixels(canvas).split(",")[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))
