"""The Train page in a browser: a training from its start to its model, pictures and curves."""

import re

import pytest
from accessibility import violations
from browsing import (
    DESKTOP,
    PHONE,
    SEVEN,
    at_rest,
    draw,
    go_to,
    heading,
    inside,
    narrow_enough,
    resize,
    show_scheme,
    visit,
)
from conftest import wait_until

from vae import load
from vae.runs.history import EventReader
from vae.runs.notices import notices


def test_a_training_is_started_watched_steered_and_stopped(browser, server):
    with visit(browser, f"{server.url}/train", (1280, 900)) as page:
        page.get_by_text("This model ships with the app.").first.wait_for()
        name = page.get_by_role("textbox", name="Name of the model")
        name.fill("from-the-page")
        page.get_by_role("textbox", name="Epochs").fill("100")
        page.get_by_role("button", name="Start training").click()
        number = r"[\d,]+\.\d+"
        total = rf"loss {number} = recon {number} \+ β·KL {number} \+ 10·cls {number}"
        running = rf"Epoch \d+ of 100 · {total} · accuracy [\d.]+ % · [\d,]+ images/s · .* left"
        page.get_by_text(re.compile(running)).wait_for()
        wait_until(lambda: name.is_disabled() and name.input_value() == "from-the-page")
        page.get_by_role("img", name=re.compile("Loss at epoch")).wait_for()

        beta = page.get_by_role("textbox", name="KL weight β")
        beta.fill("4")
        beta.press("Enter")
        log = next((server.home / "runs").glob("from-the-page-*/events.jsonl"))
        wait_until(lambda: "param_changed" in log.read_text())
        sentence = "With β 4 the KL divergence went from"
        # On the page later notices may have taken its place.
        wait_until(lambda: any(sentence in text for _, text in notices(EventReader(log).read())))
        page.get_by_text(re.compile(r"Epoch \d+:")).first.wait_for()
        beta.fill("400")
        beta.press("Enter")
        page.get_by_text("KL weight β must be a number between 0 and 100.").wait_for()
        wait_until(lambda: beta.input_value() == "4")
        assert log.read_text().count("param_changed") == 1, "only what was typed is changed"

        page.get_by_role("button", name="New run").click()
        name.fill("the-next-one")
        name.press("Enter")
        go_to(page, "Draw")  # The pages stay usable meanwhile.
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Train")
        page.get_by_text("images/s").wait_for()
        wait_until(lambda: name.input_value() == "the-next-one")
        page.get_by_role("button", name="Steer this run").click()
        page.get_by_role("button", name="Pause").wait_for()
        page.reload()
        page.get_by_text(re.compile(r"Epoch ([3-9]|\d\d) of 100")).wait_for()
        spoken = page.get_by_role("status").filter(has_text=re.compile(r"Epoch \d+ of 100: Loss"))
        spoken.wait_for(state="attached")

        with visit(browser, page.url) as another:  # A second visitor sees and steers it too.
            another.get_by_text("images/s").wait_for()
            another.get_by_role("button", name="Pause").click()
            another.get_by_text(re.compile(r"Paused in epoch \d+ after step")).wait_for()
        said = page.get_by_text(re.compile(r"Paused in epoch \d+ after step \d+ of 600"))
        said.wait_for()
        for scheme in ("dark", "light"):
            show_scheme(page, scheme)
            assert not violations(page)
        at_rest(page)  # A click on a button that is just being drawn anew would be lost.
        before = said.inner_text()
        page.get_by_role("button", name="Step", exact=True).click()
        wait_until(lambda: said.inner_text() != before)
        step, after = (int(re.search(r"step (\d+)", t)[1]) for t in (before, said.inner_text()))
        assert after == step % 600 + 1

        scrubber = page.get_by_role("slider", name="Moment of the training")
        shown = page.get_by_alt_text(re.compile("What the model draws"))
        last = shown.get_attribute("src")
        scrubber.focus()
        scrubber.press("Home")
        page.get_by_alt_text("What the model draws before training").wait_for()
        wait_until(lambda: page.locator(".legend .when").inner_text() == "epoch 0")
        wait_until(lambda: shown.get_attribute("src") != last)
        scrubber.press("ArrowRight")
        page.get_by_alt_text("What the model draws after 10 steps").wait_for()
        page.get_by_role("button", name="Map of z").click()
        page.get_by_role("img", name="2000 test digits in z after 10 steps").wait_for()
        page.get_by_role("button", name="Play").click()
        wait_until(lambda: scrubber.input_value() == scrubber.get_attribute("max"))
        page.get_by_role("img", name=re.compile("test digits in z in epoch")).wait_for()
        page.get_by_role("button", name="Stop", exact=True).first.click()
        page.get_by_text(re.compile(r"Stopped; the model of epoch \d+ is saved")).wait_for()
        model = load(server.home / "weights" / "from-the-page.safetensors")
        validated = model.history[-1]["val_accuracy"]
        assert model.metrics["accuracy"] == pytest.approx(validated, abs=0.001)
        assert validated > 0.5, "how far it got depends on the machine"
        page.get_by_text("Details").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download animated GIF").click()
        assert download.value.path().read_bytes().startswith(b"GIF89a")
        with page.expect_download() as download:
            page.get_by_role("button", name="Report").click()
        assert b"from-the-page" in download.value.path().read_bytes()
        page.get_by_role("link", name="Draw with it").click()
        heading(page, "Draw a digit").wait_for()
        page.wait_for_url(re.compile("model=from-the-page"))


def test_the_screen_shows_what_would_be_trained(browser, server):
    with visit(browser, f"{server.url}/train") as page:
        start = page.get_by_role("button", name="Start training")
        start.wait_for()
        at_rest(page)
        page.get_by_role("button", name="Advanced").click()
        size = page.get_by_role("textbox", name="Batch size")
        size.fill("5")  # While it is being typed: no Enter, no other field.
        page.get_by_text("Batch size must be a whole number between 20 and 1000.").wait_for()
        wait_until(lambda: size.input_value() == "5" and start.is_disabled())
        size.fill("50")
        wait_until(start.is_enabled)
        runs = set((server.home / "runs").glob("*-*-*"))
        size.fill("5")
        start.click(force=True)  # At once: the button may not be disabled yet.
        page.get_by_text("Batch size must be a whole number between 20 and 1000.").wait_for()
        assert set((server.home / "runs").glob("*-*-*")) == runs
        at_rest(page)
        page.get_by_role("button", name="Advanced").click()
        size.fill("50")
        wait_until(start.is_enabled)
        page.keyboard.press("Escape")
        name = page.get_by_role("textbox", name="Name of the model")
        name.fill("conv")
        page.get_by_text("There is a model named 'conv' already").wait_for()
        wait_until(lambda: start.is_disabled())


def test_a_run_is_on_one_screen_on_a_phone_below_the_bar_and_shown_again(browser, server):
    with visit(browser, f"{server.url}/train?run=fast", (1280, 900)) as page:
        curve = page.get_by_role("img", name=re.compile("Loss at epoch 7"))
        bars = page.get_by_role("img", name=re.compile("KL divergence by dimension"))
        picture = page.get_by_alt_text("What the model draws after epoch 7")
        for size in ((1280, 900), (1920, 1080)):
            resize(page, size)
            for part in (curve, bars, picture):
                part.wait_for()
                wait_until(lambda part=part: inside(page, part))
            narrow_enough(page)

        resize(page, PHONE)
        start = page.get_by_role("button", name="Start training")
        top = lambda part: part.bounding_box()["y"]  # noqa: E731
        wait_until(lambda: top(start) < top(picture) < top(curve))
        narrow_enough(page)

        go_to(page, "Draw")
        heading(page, "Draw a digit").wait_for()
        page.go_back()
        page.get_by_text("Details").wait_for()
        assert page.get_by_text("There is no run").count() == 0


def test_the_curves_are_read_by_pointer_and_by_keyboard(browser, server):
    with visit(browser, f"{server.url}/train?run=classic", DESKTOP) as page:
        curve = page.get_by_role("img", name=re.compile("Loss at epoch 20"))
        curve.hover(position={"x": 60, "y": 100})
        page.get_by_role("img", name=re.compile("Loss at epoch [12]:")).wait_for()
        page.get_by_role("button", name="Accuracy").focus()
        page.mouse.move(0, 0)
        curve.wait_for()
        page.get_by_role("button", name="Accuracy").click()
        page.get_by_role("img", name=re.compile("test set 96.13 %")).wait_for()
        page.get_by_role("button", name="Classification").click()
        reads = page.get_by_role("img", name=re.compile("Classification at epoch 20"))
        reads.focus()
        reads.press("ArrowLeft")
        page.get_by_role("img", name=re.compile("Classification at epoch 19")).wait_for()
