"""The report of a run: one HTML page that needs nothing but itself."""

import re
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from by_hand import Worker, made
from conftest import move_to

from ui.runs.report import command, report, summary
from ui.shared.labels import FIGURES
from vae import PRESETS, Params, load, settings
from vae.errors import RunError
from vae.model.architecture import architecture, count_parameters
from vae.runs import store
from vae.runs.snapshots import animation

VOID = {"meta", "img", "source", "br"}
PARAMS = PRESETS["conv"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that has the model of a preset."""
    with pytest.MonkeyPatch.context() as patch:
        move_to(tmp_path_factory.mktemp("reported"), patch)
        run = made("reported", params=PARAMS)
        shutil.copy(settings.SHIPPED / "conv.safetensors", run.last)
        yield run


class Page(HTMLParser):
    """What is in a page; fails on tags that are not closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.ids, self.words, self.open = [], [], [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        found = dict(attributes)
        self.links += [
            found[name] for name in ("src", "href", "srcset", "xlink:href") if name in found
        ]
        self.ids += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def html(run):
    return report(run).decode()


def test_a_report_needs_nothing_else(html):
    page = Page(html)
    assert len(page.links) == 4 and all(link.startswith("data:image/") for link in page.links)
    assert "http://" not in html and "https://" not in html
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert set(re.findall(r"url\(#(.*?)\)", html)) <= set(page.ids)


def test_a_report_tells_all(run, html):
    page, metrics = Page(html), load("conv").metrics
    assert page.tags.count("svg") == 6
    for told in (
        "Finished; it is saved.",
        FIGURES["accuracy"].text(metrics["accuracy"]),
        f"{metrics['kl']:.2f}",
        "Likelihood bernoulli",
        f"Weights in all {count_parameters(architecture(PARAMS)):,}",
        command(PARAMS),
    ):
        assert told in page.text
    steps = PARAMS.steps_per_epoch()
    for entry in run.status().history.epochs[1:]:
        begin = f"Epoch {entry['epoch']}/{PARAMS.epochs}: 100%"
        line = next(line for line in unescape(html).splitlines() if begin in line)
        assert re.search(rf"\| {steps}/{steps} \[\d\d:\d\d<00:00, +[\d.]+batch/s, loss=", line)
        assert line.endswith(f"val_loss={entry['val_loss']:.4f}]")
    assert Page(report(run).decode()).links == page.links, "the digits are always the same"


def test_what_people_write_is_text_in_it(run):
    run.describe("<script>alert(1)</script> & co", 'a "note" </main><img src=x>')
    again = store.get(run.id)
    page = Page(report(again).decode())
    assert "script" not in page.tags and "x" not in page.links
    assert again.title in page.text and again.note in page.text


def test_a_run_that_has_not_begun_has_a_report(run):
    later = store.create(Params(), "later")
    Worker(later).log.problem("The map of z was not saved.")
    page = Page(report(later).decode())
    assert "The map of z was not saved." in page.text
    assert "Cancelled before it started." in page.text and "Dimensions of z 10" in page.text
    assert not {"svg", "img"} & set(page.tags)


def test_without_pictures_there_is_no_film():
    with pytest.raises(RunError, match="None of the pictures can be read"):
        animation([b"", b""])


def test_the_command_starts_from_the_nearest_preset():
    assert command(PRESETS["conv"]) == "python -m vae train --preset conv"
    near = PRESETS["fast"].model_copy(update={"z_dim": 2})
    assert command(near) == "python -m vae train --preset fast --z-dim 2"


@pytest.mark.parametrize("params", PRESETS.values(), ids=PRESETS)
def test_the_summary_counts_every_weight(params):
    assert sum(count for *_, count in summary(params)) == count_parameters(architecture(params))


def test_what_draws_charts_is_loaded_only_for_a_report():
    code = "import sys, ui.runs.report; assert not {'vl_convert', 'tensorflow'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
