"""The map of z on the Train page: points where NumPy says, at each moment, asked for when open."""

import base64

import numpy as np
import pytest
from browsing import own_button, pixels, visit
from by_hand import Worker, made
from conftest import in_home, wait_until

from ui.train import points
from vae import load
from vae.data.mnist import test_images as read_test_images
from vae.errors import RunError
from vae.runs import latent_points, store
from vae.runs.latent_points import COUNT
from vae.runs.shipped import ShippedRun

LEAST_REACH = 3.5


@pytest.fixture(scope="module")
def moments(mnist):
    """The points of two models."""
    first = latent_points.compute(load("classic"), mnist.test)
    return first, latent_points.compute(load("fast"), mnist.test, first)


def run_with_points(home, moments):
    """A run of three moments, of which the last has no points."""
    with in_home(home):
        run = made("mapped", losses=(40.0, 35.0, 33.0), z_dim=2, epochs=3)
        for epoch, found in enumerate(moments):
            Worker(run).picture(epoch, points=found)
        return run


def on_screen(plane, coordinates, i):
    """Where point i is, pixels from the corner of the map."""
    box = plane.bounding_box()
    width, height = plane.evaluate("plane => [plane.offsetWidth, plane.offsetHeight]")
    needed = np.sort(np.abs(coordinates * [height / width, 1]).max(1))
    reach = max(LEAST_REACH, 1.05 * needed[int(0.995 * (COUNT - 1))])
    unit = height / 2 / reach
    x, y = coordinates[i] * [unit, -unit]
    return {"x": box["width"] / 2 + float(x), "y": box["height"] / 2 + float(y)}


def lonely(coordinates):
    """A point that is far from all others, and not at the edge."""
    distances = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return int(np.argmax(np.where(np.abs(coordinates).max(1) < 3, distances.min(1), 0)))


WATCH = """mark => {
    globalThis.ways = new Set()
    const look = () => {
        ways.add(mark.style.transform)
        requestAnimationFrame(look)
    }
    look()
}"""


def test_points_lie_where_they_are_and_travel_with_the_slider(browser, server, moments):
    run = run_with_points(server.home, moments)
    first, second = (found.coordinates for found in moments)
    labels = read_test_images().y
    with visit(browser, f"{server.url}/train?run={run.id}", (1280, 900)) as page:
        plane, about = page.locator(".plane"), page.locator(".about")
        slider = page.get_by_role("slider", name="Moment of the training")

        def says(i):
            said = f"Test digit {i}, labelled {labels[i]}"
            wait_until(lambda: about.inner_text() == said)

        def at(moment):
            page.get_by_role("img", name=f"2000 test digits in z {moment}").wait_for()

        own_button(page, "Map of z").click()
        page.get_by_text("The points of this moment were not saved.").wait_for()
        slider.press("Home")
        page.get_by_text("Across: z0; up: z1.").wait_for()
        at("before training")
        alone = lonely(first)
        plane.click(position=on_screen(plane, first, alone))
        page.mouse.move(0, 0)
        says(alone)

        before = pixels(plane.locator("canvas"))
        slider.press("ArrowRight")
        at("after epoch 1")
        wait_until(lambda: pixels(plane.locator("canvas")) != before)

        def marked():
            mark, box = page.locator(".mark").bounding_box(), plane.bounding_box()
            middle = [mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2]
            expected = on_screen(plane, second, alone)
            return np.allclose(middle, [box[axis] + expected[axis] for axis in "xy"], atol=2)

        wait_until(marked)
        plane.hover(position=on_screen(plane, second, lonely(second)))
        says(lonely(second))

        plane.locator("canvas").press("Escape")
        plane.locator("canvas").press("ArrowRight")
        says(0)
        page.locator(".digit").nth(4).click()  # Only fours from now on.
        plane.locator("canvas").press("ArrowRight")
        says(int(np.flatnonzero(labels == 4)[0]))

        page.emulate_media(reduced_motion="no-preference")
        page.locator(".mark").evaluate(WATCH)
        slider.press("Home")
        wait_until(lambda: page.evaluate("ways.size") > 2)
    with in_home(server.home):
        store.delete(run.id)


def test_a_map_has_the_points_of_its_moment(home, moments):
    run = run_with_points(home, moments)
    *_, good, missing = run.snapshots()
    sent = points.message(good, run.params)
    decoded = np.frombuffer(base64.b64decode(sent["points"]), "<i2").reshape(-1, 2)
    assert decoded * sent["scale"] == pytest.approx(moments[1].coordinates)
    assert len(sent["points"]) < 20_000
    assert base64.b64decode(sent["digits"]) == read_test_images().y[:COUNT].tobytes()
    with pytest.raises(RunError, match="The points of this moment were not saved"):
        points.message(missing, run.params)
    assert "has only its last map" in points.caption(ShippedRun("fast"))
