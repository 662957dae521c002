"""Nothing that happens to a process loses a run, and a run that goes on ends the same."""

import os
import time

import numpy as np
import pytest
from conftest import kill_worker, wait_until
from small_runs import RICH, SMALL, ended, same_end

from vae import Params
from vae.runs import store

KILLS = 6
MOMENTS = ("starting", "running", "measuring", "finished")
XLA = Params(**SMALL, batch_size=200, epochs=4)
CONV = Params(
    **SMALL,
    digit_classification_filters=(1,),
    batch_size=1000,
    epochs=2,
)


@pytest.fixture(scope="module")
def references(shared_home):
    found = {}
    for name, params in {"rich": RICH, "conv": CONV, "xla": XLA}.items():
        found[name] = store.start(params, f"reference-{name}")
    for run in found.values():
        assert ended(run).state == "finished"
    return found


def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(references):
    seed = int.from_bytes(os.urandom(2))
    print("seed", seed)
    rng = np.random.default_rng(seed)
    kills, victims = 0, []
    while kills < KILLS:
        kind = list(references)[len(victims) % len(references)]
        run = store.start(references[kind].params, f"victim-{len(victims)}")
        victims.append((run, references[kind]))
        for _ in range(5):
            wait_until(lambda run=run: run.status().state in MOMENTS)
            time.sleep(rng.uniform(0, 2.5))
            if rng.random() < 0.3:
                run.request(desired_state="pause")
                wait_until(lambda run=run: run.status().state != "running")
            if not kill_worker(run):
                break
            kills += 1
            status = run.status()
            if status.state == "finished":
                break
            assert status.state in ("killed", "paused")
            assert "Resume" in status.message
            run.resume()
        if run.status().state == "paused":
            run.resume()
    for run, reference in victims:
        assert ended(run).state == "finished"
        same_end(run, reference)
