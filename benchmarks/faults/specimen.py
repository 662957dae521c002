"""A run that has been trained, and all that the app reads of one."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock
from streamlit.testing.v1 import AppTest

from benchmarks.faults.tally import check, check_sentence
from ui.curves import kl_bars, learning_curves
from ui.live.train import curves, film, points
from ui.report.report import report
from ui.runs import presets, table
from vae import cli, settings
from vae.errors import CheckpointError, RunError, VAELabError, WeightsError
from vae.model import weights
from vae.runs import store, timing
from vae.runs.notices import notices
from vae.runs.run import Run
from vae.runs.snapshots import animation
from vae.training.checkpoint import Checkpoint

SMALL = "--encoder-layers 16 --decoder-layers 16 --digit-classification-layers 16"
_DISPATCHERS_LOCK = FileLock(settings.RUNS / "workers.lock")
READ, SENTENCE = "shown", "named in a sentence"


def trained() -> Run:
    """A small run that was trained to its end by the terminal, with requests and a note."""
    options = f"{SMALL} --batch-size 1000 --epochs 2 --name specimen".split()
    command = [sys.executable, "-m", "vae", "train", *options]
    subprocess.run(command, cwd=settings.ROOT, check=True, capture_output=True)
    run = store.get(store.list_ids()[0])
    run.request(live_params={"kl_weight": 2.0})
    run.describe("A title", "A note.")
    return run


def no_dispatcher() -> AcquireReturnProxy:
    """Within it no worker starts, so that only the trials damage the folders of runs."""
    return _DISPATCHERS_LOCK.acquire()


def look(run_id: str) -> str:
    """Read of a run all that pages, report and terminal show of it.

    Every text for the browser must be JSON, which NaN is not. The outcome is `SENTENCE` if
    something could not be read and the pages say so.
    """
    listed = store.summaries()
    timing.expected_seconds("classic")
    (summary,) = [found for found in listed if found.run_id == run_id]
    table.frame([summary])
    with redirect_stdout(io.StringIO()):
        check(cli.main(["runs"]) == 0, "the terminal does not list it")
    try:
        run = store.get(run_id)
        status = run.status()
    except RunError as error:
        check_sentence(error)
        check_sentence(summary.problem)
        return SENTENCE
    history = status.history
    _ = status.seconds_left, status.epochs_done, history.best_epoch, history.worsened
    presets.nearest(run.params)
    json.dumps([notice.text for notice in notices(history)])
    json.dumps([run.title, run.note, status.message, *status.problems]).encode()
    for text in (run.title, run.note, status.message):
        text.encode()  # A lone surrogate is no text for a browser.
    moments = film.pictured(run, status)
    wanted = [at for at, _ in moments]
    sent = [film.message(run, moments, wanted, wanted)]
    if history.epochs:
        sent.append(curves.message(run, status))
        sent += learning_curves(
            history.points, history.epochs, status.target_epochs, history.changes
        ).values()
        kl = history.kl_per_dimension[-1]
        sent.append(kl_bars(kl, history.active[-1], max(kl, default=0)))
    for message in sent:
        json.dumps(message, allow_nan=False).encode()
    for snapshot in run.snapshots():
        points.message(snapshot, run.params)
    problems = [*status.problems]
    for read in (lambda: weights.load(run.last), lambda: weights.load(run.best)):
        try:
            read()
        except WeightsError as error:
            problems.append(str(error))
    try:
        Checkpoint.load(run.folder / "checkpoint.safetensors")
    except CheckpointError as error:
        problems.append(str(error))
    return SENTENCE if problems or status.state != "finished" else READ


def download(run_id: str) -> str:
    """Make what can be downloaded of a run: the table, its report, its pictures as an animation."""
    table.csv(table.frame(store.summaries()))
    try:
        run = store.get(run_id)
    except RunError:
        return SENTENCE
    try:
        report(run).decode()
        frames = run.snapshots()
        if len(frames) > 1:
            animation([snapshot.read() for snapshot in frames])
    except VAELabError:
        return SENTENCE
    return READ


def open_pages(run_id: str) -> str:
    """Open Train with this run, and Runs."""
    for page, parameters in (("train", {"run": run_id}), ("runs", {})):
        app = page_of(page, parameters)
        check(not app.exception, f"{page}: {[error.message for error in app.exception]}")
    return "opened"


def page_of(page: str, parameters: Mapping[str, str | list[str]]) -> AppTest:
    """A page, opened at an address with these parameters."""
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    if page != "draw":
        app.switch_page(f"pages/{page}.py")
    return app.run()


def fingerprints(folder: Path) -> dict[str, tuple[int, ...]]:
    """By their names, what changes if a file of the folder is written or replaced."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            about = (path := Path(parent) / name).stat()
            key = str(path.relative_to(folder))
            found[key] = about.st_ino, about.st_size, about.st_mtime_ns
    return found
