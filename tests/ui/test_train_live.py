"""The Train page in a browser: a training from its start to its model, pictures and curves."""

import re

import pytest
from accessibility import violations
from browsing import (
    DESKTOP,
    PHONE,
    at_rest,
    go_to,
    heading,
    inside,
    narrow_enough,
    own_button,
    resize,
    show_scheme,
    visit,
)
from by_hand import Worker, made
from conftest import in_home, wait_until
from small_runs import QUICK, SMALL

from vae import load
from vae.runs import store
from vae.runs.notices import notices

NUMBER = r"[\d,]+\.\d+"
RUNNING = (
    rf"Epoch \d+ of 100 · loss {NUMBER} = recon {NUMBER} \+ β·KL {NUMBER} \+ 10·cls {NUMBER}"
    r" · accuracy [\d.]+ % · [\d,]+ images/s · .* left"
)


def test_a_training_is_started_watched_steered_and_stopped(browser, server):
    with in_home(server.home):
        small = made("small", **SMALL, batch_size=1000, epochs=100)
    with visit(browser, f"{server.url}/train?like={small.id}", (1280, 900)) as page:
        name = page.get_by_role("textbox", name="Name of the model")
        wait_until(lambda: name.input_value() == "small-1")
        name.fill("from-the-page")
        own_button(page, "Start training").click()
        page.get_by_text(re.compile(RUNNING)).wait_for()
        page.get_by_role("img", name=re.compile("Loss at epoch")).wait_for()
        wait_until(lambda: name.is_disabled() and name.input_value() == "from-the-page")
        spoken = page.get_by_role("status").filter(has_text=re.compile(r"Epoch \d+ of 100: Loss"))
        spoken.wait_for(state="attached")
        with in_home(server.home):
            run = store.get(store.list_ids()[0])
            change_beta(page, run)

        with visit(browser, page.url) as another:  # A second visitor sees and steers it too.
            own_button(another, "Pause").click()
            said = page.get_by_text(re.compile(r"Paused in epoch \d+ after step \d+ of 59"))
            said.wait_for()
        show_scheme(page, "dark")
        assert not violations(page)
        before = said.inner_text()
        page.get_by_role("button", name="Step", exact=True).click()
        wait_until(lambda: said.inner_text() != before)
        step, after = (int(re.search(r"step (\d+)", t)[1]) for t in (before, said.inner_text()))
        with in_home(server.home):
            requested = run.status().control.single_steps
        assert after == step % 59 + requested

        go_through_its_moments(page)
        page.get_by_role("button", name="Stop", exact=True).first.click()
        page.get_by_text(re.compile(r"Stopped; the model of epoch \d+ is saved")).wait_for()
        model = load(server.home / "weights" / "from-the-page.safetensors")
        accuracy = f"{100 * model.metrics['accuracy']:.2f} %"
        page.get_by_text(f"On the test set, measured at the end: accuracy {accuracy}").wait_for()
        page.get_by_text("Details").click()
        for label, begin in (("Download animated GIF", b"GIF89a"), ("Report", b"<!doctype html>")):
            with page.expect_download() as download:
                own_button(page, label).click()
            assert download.value.path().read_bytes().startswith(begin)
        page.get_by_role("link", name="Draw with it").click()
        heading(page, "Draw a digit").wait_for()
        page.wait_for_url(re.compile("model=from-the-page"))


def change_beta(page, run):
    beta = page.get_by_role("textbox", name="KL weight β")
    beta.fill("4")
    beta.press("Enter")
    sentence = "With β 4 the KL divergence went from"
    # On the page later notices may have taken its place.
    wait_until(lambda: any(sentence in text for _, text in notices(run.status().history, True)))
    page.get_by_text(re.compile(r"Epoch \d+:")).first.wait_for()
    beta.fill("400")
    beta.press("Enter")
    page.get_by_text("KL weight β must be a number between 0 and 100.").wait_for()
    wait_until(lambda: beta.input_value() == "4")
    assert len(run.status().history.changes) == 1, "only what was typed is changed"


def go_through_its_moments(page):
    scrubber = page.get_by_role("slider", name="Moment of the training")
    shown = page.get_by_alt_text(re.compile("What the model draws"))
    last = shown.get_attribute("src")
    scrubber.press("Home")
    page.get_by_alt_text("What the model draws before training").wait_for()
    wait_until(lambda: page.locator(".legend .when").inner_text() == "epoch 0")
    wait_until(lambda: shown.get_attribute("src") != last)
    scrubber.press("ArrowRight")
    page.get_by_alt_text("What the model draws after 10 steps").wait_for()
    own_button(page, "Map of z").click()
    page.get_by_role("img", name="2000 test digits in z after 10 steps").wait_for()
    assert not page.locator(".picture").is_visible(), "the map takes its place"
    scrubber.press("End")
    for _ in range(3):
        scrubber.press("ArrowLeft")
    own_button(page, "Play").click()
    wait_until(lambda: scrubber.input_value() == scrubber.get_attribute("max"))
    page.get_by_role("img", name=re.compile("test digits in z in epoch")).wait_for()


def test_what_is_being_typed_is_checked_before_it_can_be_trained(browser, server):
    with visit(browser, f"{server.url}/train") as page:
        start = own_button(page, "Start training")
        start.wait_for()
        at_rest(page)
        own_button(page, "Advanced").click()
        size = page.get_by_role("textbox", name="Batch size")
        wrong = page.get_by_text("Batch size must be a whole number between 20 and 1000.")
        size.fill("5")  # While it is being typed: no Enter, no other field.
        wrong.wait_for()
        wait_until(lambda: size.input_value() == "5" and start.is_disabled())
        size.fill("50")
        wait_until(start.is_enabled)
        runs = set((server.home / "runs").glob("*-*-*"))
        size.fill("5")
        start.click(force=True)  # At once: the button may not be disabled yet.
        wrong.wait_for()
        assert set((server.home / "runs").glob("*-*-*")) == runs


@pytest.fixture(scope="module")
def shipped(browser, server):
    """The page of a training that ships."""
    with visit(browser, f"{server.url}/train?run=classic", (1280, 900)) as page:
        yield page


def curve(page, of="Loss", epoch="20"):
    return page.get_by_role("img", name=re.compile(f"{of} at epoch {epoch}"))


def test_a_run_fits_into_the_window_and_below_the_bar_of_a_phone(shipped):
    bars = shipped.get_by_role("img", name=re.compile("KL divergence by dimension"))
    picture = shipped.get_by_alt_text("What the model draws after epoch 20")
    for size in ((1280, 900), (1920, 1080)):
        resize(shipped, size)
        for part in (curve(shipped), bars, picture):
            part.wait_for()
            wait_until(lambda part=part: inside(shipped, part))
        narrow_enough(shipped)
    resize(shipped, PHONE)
    start = own_button(shipped, "Start training")
    top = lambda part: part.bounding_box()["y"]  # noqa: E731
    wait_until(lambda: top(start) < top(picture) < top(curve(shipped)))
    narrow_enough(shipped)


def test_the_curves_are_read_by_pointer_and_by_keyboard(shipped):
    resize(shipped, DESKTOP)
    curve(shipped).hover(position={"x": 60, "y": 100})
    curve(shipped, epoch="[12]:").wait_for()
    shipped.mouse.move(0, 0)
    curve(shipped).wait_for()
    own_button(shipped, "Accuracy").click()
    shipped.get_by_role("img", name=re.compile("validation 96.80 %")).wait_for()
    own_button(shipped, "Classification").click()
    curve(shipped, "Classification").press("ArrowLeft")
    curve(shipped, "Classification", "19").wait_for()


def test_the_way_back_shows_the_run_again(shipped):
    go_to(shipped, "Draw")
    heading(shipped, "Draw a digit").wait_for()
    shipped.go_back()
    shipped.get_by_text("Details").wait_for()
    assert shipped.get_by_text("There is no run").count() == 0


def test_events_that_a_proxy_has_refused_are_asked_for_again(browser, server):
    with in_home(server.home), visit(browser, "about:blank") as page:
        run = store.create(QUICK, "refused")
        worker = Worker(run).start()
        refusals = []

        def refuse(route):
            refusals.append(route.fulfill(status=502))

        page.route("**/events", refuse, times=1)
        page.goto(f"{server.url}/train?run={run.id}")
        page.get_by_text("Starting …").wait_for()
        worker.epoch(0)
        worker.point(1, 5)
        page.get_by_text(re.compile("Epoch 1 of 2 · loss")).wait_for()
        assert len(refusals) == 1
        worker.lock.release()
        store.delete(run.id)
