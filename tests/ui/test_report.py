import re
import subprocess
import sys
from collections import deque
from html import unescape
from html.parser import HTMLParser

import pytest

from ui.runs.report import command, report, summary
from ui.shell.labels import FIGURES
from vae import PRESETS, Params, load, settings
from vae.errors import RunError
from vae.model.architecture import architecture, count_parameters
from vae.runs import store
from vae.runs.snapshots import animation
from vae.runs.worker import run_training

VOID = {"meta", "img", "source", "br"}
PARAMS = Params(epochs=2, batch_size=1000, z_dim=3, decoder_layers=(32, 16), likelihood="bernoulli")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A real one."""
    home = tmp_path_factory.mktemp("reported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MODELS", home / "weights")
        patch.setattr(settings, "RUNS", home / "runs")
        run = store.create(PARAMS, "reported")
        deque(run_training(run), maxlen=0)
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


def test_a_report_tells_all_and_needs_nothing_else(run):
    html = report(run).decode()
    page = Page(html)
    assert len(page.links) == 4 and all(link.startswith("data:image/") for link in page.links)
    assert "http://" not in html and "https://" not in html
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert set(re.findall(r"url\(#(.*?)\)", html)) <= set(page.ids)

    status, metrics = run.status(), load(run.last).metrics
    assert page.tags.count("svg") == 6
    assert "Finished; the model of epoch 2 is saved." in page.text
    for told in (
        FIGURES["accuracy"].text(metrics["accuracy"]),
        f"{metrics['kl']:.2f}",
        "Likelihood bernoulli",
    ):
        assert told in page.text
    assert f"Weights in all {count_parameters(architecture(PARAMS)):,}" in page.text
    for entry in status.history.epochs[1:]:
        line = next(
            line
            for line in unescape(html).splitlines()
            if f"Epoch {entry['epoch']}/2: 100%" in line
        )
        assert re.search(r"\| 60/60 \[\d\d:\d\d<00:00, +[\d.]+batch/s, loss=", line)
        assert line.endswith(f"val_loss={entry['val_loss']:.4f}]")
    assert command(PARAMS) in page.text
    assert Page(report(run).decode()).links == page.links, "the digits are always the same"


def test_what_people_write_is_text_in_it(run):
    run.describe("<script>alert(1)</script> & co", 'a "note" </main><img src=x>')
    again = store.get(run.id)
    page = Page(report(again).decode())
    run.describe(run.name, "")
    assert "script" not in page.tags and "x" not in page.links
    assert again.title in page.text and again.note in page.text


def test_a_run_that_has_not_begun_has_a_report(run):
    later = store.create(Params(), "later")
    (later.folder / "events.jsonl").write_text("nonsense\n")
    page = Page(report(later).decode())
    assert later.status().problems[0] in page.text
    assert "Cancelled before it started." in page.text and "Dimensions of z 10" in page.text
    assert not {"svg", "img"} & set(page.tags)


def test_damaged_pictures_are_passed_over(run):
    pictures = sorted((run.folder / "samples").glob("*.png"))
    whole = {path: path.read_bytes() for path in pictures}
    pictures[0].write_bytes(b"")
    pictures[1].write_bytes(whole[pictures[1]][:-20])
    assert "img" in Page(report(run).decode()).tags
    animation([snapshot.read() for snapshot in run.snapshots()])
    for path in pictures:
        path.write_bytes(whole[path][:-20])
    report(run)
    with pytest.raises(RunError, match="None of the pictures can be read"):
        animation([snapshot.read() for snapshot in run.snapshots()])
    for path, png in whole.items():
        path.write_bytes(png)


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
