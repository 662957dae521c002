"""A worker that makes no progress is ended; one that does, or is paused, is not."""

import signal
import subprocess
import sys
import threading

import pytest
from conftest import ROOT, wait_until
from small_runs import QUICK

from vae import settings
from vae.runs import store, watchdog
from vae.runs.worker import run_training

pytestmark = pytest.mark.usefixtures("few_images")

HANGS = """
import sys, threading
from vae.runs import watchdog

def wait_for_ever():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

with open(sys.argv[1], "ab") as log:
    watchdog.start(log, 1)
    wait_for_ever()
"""
LONG, SHORT = 1000, 500


def remaining():
    return signal.getitimer(signal.ITIMER_REAL)[0]


@pytest.fixture
def started(tmp_path):
    with (tmp_path / "log").open("ab") as log:
        watchdog.start(log, LONG)
        yield
        watchdog.stop()


def test_a_process_that_hangs_is_ended_and_its_log_has_where(tmp_path):
    log = tmp_path / "log"
    process = subprocess.run([sys.executable, "-c", HANGS, log], cwd=ROOT, check=False)
    assert process.returncode == -signal.SIGALRM
    assert "in wait_for_ever" in log.read_text()


def test_whatever_a_worker_does_postpones_the_end_but_not_what_it_measures(home, started):
    assert remaining() > SHORT
    run = store.create(QUICK, "mine")
    for _ in run_training(run):
        assert remaining() > SHORT
        signal.alarm(SHORT)  # Only a worker that does something makes it longer.
    assert run.status().state == "finished"
    assert remaining() == 0, "it went on while the model was measured"


def test_a_paused_worker_is_not_ended(home, started):
    run = store.create(QUICK, "mine", paused=True)
    training = threading.Thread(target=lambda: list(run_training(run, hold_slot=True)))
    training.start()
    wait_until(lambda: run.status().state == "paused")
    signal.alarm(SHORT)
    wait_until(lambda: remaining() > SHORT)
    run.stop()
    training.join()


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, 600), ("30", 30), ("0", 1), ("-5", 1), ("soon", 600)]
)
def test_how_long_it_waits_is_a_setting(monkeypatch, value, seconds):
    if value is None:
        monkeypatch.delenv("VAE_WORKER_TIMEOUT", raising=False)
    else:
        monkeypatch.setenv("VAE_WORKER_TIMEOUT", value)
    assert settings.worker_timeout() == seconds
