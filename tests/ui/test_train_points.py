"""The map of z on the Train page: points where NumPy says, at each moment, asked for when open."""

import base64
import re
import shutil

import numpy as np
import pytest
from browsing import at_rest, narrow_enough, pixels, visit
from conftest import wait_until

from ui.train import film, points
from vae import Params, load
from vae.data.mnist import test_images as read_test_images
from vae.images import to_png
from vae.runs import events, latent_points
from vae.runs.latent_points import COUNT
from vae.runs.run import Run
from vae.runs.shipped import ShippedRun
from vae.runs.summary import RunLog

LEAST_REACH = 3.5


def run_with_points(home, mnist):
    """A run of three moments: points of two models, and a damaged file."""
    folder = home / "runs" / "mapped-20261124-120000"
    (folder / "samples").mkdir(parents=True)
    (folder / "params.json").write_text(Params(z_dim=2, epochs=3).to_json())
    log = RunLog(folder)
    log.append(events.WorkerStarted, pid=1, host="here")
    log.append(events.TrainingStarted, epoch=1, step=0, steps=600)
    for epoch in range(3):
        log.append(
            events.EpochFinished,
            figures={"epoch": epoch, "val_loss": 9.0},
            kl_per_dimension=[0.5, 0.5],
            active=[True, True],
            confusion=[[1] * 10] * 10,
        )
        picture = to_png(np.full((1, 1), epoch, np.uint8))
        (folder / "samples" / f"{epoch:04d}.png").write_bytes(picture)
    log.append(events.Stopped, message="Stopped; the model of epoch 2 is saved.")
    log.close()
    first = latent_points.compute(load("classic"), mnist.test)
    second = latent_points.compute(load("fast"), mnist.test, first)
    latent_points.save(folder / "samples" / "0000.safetensors", first)
    latent_points.save(folder / "samples" / "0001.safetensors", second)
    (folder / "samples" / "0002.safetensors").write_bytes(b"nonsense")
    return Run(folder), first.coordinates, second.coordinates


def on_screen(plane, coordinates, i):
    """Where point i is, pixels from the corner of the map."""
    box = plane.bounding_box()
    width, height = plane.evaluate("plane => [plane.offsetWidth, plane.offsetHeight]")
    needed = np.sort(np.abs(coordinates * [height / width, 1]).max(1))
    reach = max(LEAST_REACH, 1.05 * needed[int(0.995 * (COUNT - 1))])
    unit = height / 2 / reach
    x, y = coordinates[i] * [unit, -unit]
    return {"x": box["width"] / 2 + float(x), "y": box["height"] / 2 + float(y)}


def lonely(*moments):
    """A point that is far from all others, and not at the edge, at each of these moments."""
    nearest = []
    for coordinates in moments:
        distances = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        nearest.append(np.where(np.abs(coordinates).max(1) < 3, distances.min(1), 0))
    return int(np.argmax(np.min(nearest, axis=0)))


def test_points_lie_where_they_are_and_travel_with_the_slider(browser, server, mnist):
    run, first, second = run_with_points(server.home, mnist)
    alone, alone_later = lonely(first), lonely(second)
    labels = read_test_images().y
    said = lambda i: f"Test digit {i}, labelled {labels[i]}"  # noqa: E731
    with visit(browser, f"{server.url}/train?run={run.id}", (1280, 900)) as page:
        page.get_by_alt_text(re.compile("What the model draws")).wait_for()
        page.get_by_role("button", name="Map of z").click()
        plane, about = page.locator(".plane"), page.locator(".about")
        page.get_by_text("The points of this moment cannot be read.").wait_for()
        # Points that are there a moment later are shown then.
        damaged = run.folder / "samples" / "0002.safetensors"
        shutil.copy(damaged.with_stem("0001"), damaged)
        page.get_by_role("img", name="2000 test digits in z after epoch 2").wait_for()
        slider = page.get_by_role("slider", name="Moment of the training")
        slider.focus()
        slider.press("Home")
        page.get_by_text("Across: z0; up: z1.").wait_for()
        page.get_by_role("img", name="2000 test digits in z before training").wait_for()
        plane.hover(position=on_screen(plane, first, alone))
        wait_until(lambda: about.inner_text() == said(alone))
        plane.click(position=on_screen(plane, first, alone))
        page.mouse.move(0, 0)
        wait_until(lambda: about.inner_text() == said(alone))

        before = pixels(plane.locator("canvas"))
        slider.press("ArrowRight")
        page.get_by_role("img", name="2000 test digits in z after epoch 1").wait_for()
        wait_until(lambda: pixels(plane.locator("canvas")) != before)

        def marked():
            middle = page.locator(".mark").bounding_box()
            box, expected = plane.bounding_box(), on_screen(plane, second, alone)
            return all(
                abs(middle[axis] + middle[side] / 2 - box[axis] - expected[axis]) <= 2
                for axis, side in (("x", "width"), ("y", "height"))
            )

        wait_until(marked)
        plane.hover(position=on_screen(plane, second, alone_later))
        wait_until(lambda: about.inner_text() == said(alone_later))

        plane.locator("canvas").press("Escape")
        plane.locator("canvas").press("ArrowRight")
        wait_until(lambda: about.inner_text() == said(0))
        page.locator(".digit").nth(4).click()  # Only fours from now on.
        plane.locator("canvas").press("ArrowRight")
        four = int(np.flatnonzero(labels == 4)[0])
        wait_until(lambda: about.inner_text() == said(four))

        page.emulate_media(reduced_motion="no-preference")
        page.locator(".mark").evaluate(
            """mark => {
                globalThis.ways = new Set()
                const look = () => {
                    ways.add(mark.style.transform)
                    requestAnimationFrame(look)
                }
                look()
            }"""
        )
        slider.press("Home")
        wait_until(lambda: page.evaluate("ways.size") > 2)
        narrow_enough(page)

        page.goto(f"{server.url}/train?run=classic")
        page.get_by_role("button", name="Map of z").click()
        page.get_by_text("has only its last map").wait_for()
        page.get_by_role("img", name="2000 test digits in z after epoch 20").wait_for()
        at_rest(page)
        shutil.rmtree(run.folder)


def test_maps_are_sent_when_they_are_asked_for_and_why_there_is_none_is_said(home, mnist):
    run, _, second = run_with_points(home, mnist)
    moments = film.pictured(run, run.status())
    assert [epochs for epochs, _ in moments] == [0, 1, 2]
    quiet = film.message(run, moments)
    assert quiet["maps"] == [] and quiet["digits"] == ""
    sent = film.message(run, moments, wanted_maps={1, 2, 77})
    (one, good), (two, damaged) = sent["maps"]
    assert (one, two) == (1, 2)
    decoded = np.frombuffer(base64.b64decode(good["points"]), "<i2").reshape(-1, 2)
    assert decoded * good["scale"] == pytest.approx(second)
    assert len(good["points"]) < 20_000 and damaged == {
        "about": "The points of this moment cannot be read."
    }
    assert base64.b64decode(sent["digits"]) == read_test_images().y[:COUNT].tobytes()
    (run.folder / "samples" / "0001.safetensors").unlink()
    ((_, missing),) = film.message(run, moments, wanted_maps={1})["maps"]
    assert missing == {"about": "The points of this moment were not saved."}
    assert "has only its last map" in points.caption(ShippedRun("fast"))
