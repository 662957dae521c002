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
import json, sys, time
from vae.runs.dask_executor import DaskExecutor

executor = DaskExecutor(sys.argv[1])
while executor.available() and not executor.slots():
    time.sleep(0.05)
print(json.dumps([executor.available(), executor.slots()]))
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


def slots(cluster, home, environment):
    """Whether the scheduler can be reached, and how many workers it has."""
    done = subprocess.run(
        [sys.executable, "-c", SLOTS, cluster.address],
        cwd=ROOT,
        env=environment | {"VAE_HOME": str(home)},
        check=True,
        capture_output=True,
    )
    return json.loads(done.stdout)


def test_only_who_has_a_certificate_reaches_the_scheduler(cluster, tmp_path):
    (tmp_path / "runs").mkdir()
    cluster.await_scheduler()
    assert slots(cluster, tmp_path, os.environ.copy()) == [True, 1]
    without = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    assert slots(cluster, tmp_path, without) == [False, 0]
    trouble = (tmp_path / "runs" / "workers-trouble.txt").read_text()
    assert trouble == f"The scheduler {cluster.address} cannot be reached. The run waits."
