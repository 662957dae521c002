"""A Dask cluster over TLS, set up as docs/deployment.md says."""

import json
import os
import subprocess
import sys

import pytest
from certificates import certificate, needs_openssl
from conftest import ROOT
from dask_cluster import Cluster

pytestmark = needs_openssl
SLOTS = """
import json, os, sys, time
from vae.runs.dask_executor import DaskExecutor

executor = DaskExecutor(sys.argv[1])
while executor.available() and not executor.slots():
    time.sleep(0.05)
print(json.dumps([executor.available(), executor.slots()]), flush=True)
os._exit(0)  # A client that could not connect would be waited for, six seconds.
"""


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    file, key = certificate(tmp_path)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "true")
    monkeypatch.setenv(f"{tls}CA_FILE", str(file))
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"{tls}{role}__CERT", str(file))
        monkeypatch.setenv(f"{tls}{role}__KEY", str(key))
    cluster = Cluster(tmp_path, scheme="tls")
    cluster.up(1, preload=())
    yield cluster
    cluster.down()


def start_client(cluster, home, environment):
    """A process that prints whether the scheduler can be reached, and how many workers it has."""
    home.mkdir()
    (home / "runs").mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", SLOTS, cluster.address],
        cwd=ROOT,
        env=environment | {"VAE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def test_only_who_has_a_certificate_reaches_the_scheduler(cluster, tmp_path):
    without = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    cluster.await_scheduler()
    with (
        start_client(cluster, tmp_path / "with", os.environ.copy()) as known,
        start_client(cluster, tmp_path / "without", without) as stranger,
    ):
        assert json.load(known.stdout) == [True, 1]
        assert json.load(stranger.stdout) == [False, 0]
    trouble = (tmp_path / "without" / "runs" / "workers-trouble.txt").read_text()
    assert trouble == f"The scheduler {cluster.address} cannot be reached. The run waits."
