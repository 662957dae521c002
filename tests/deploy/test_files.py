"""The files for systemd and Docker, as far as they can be tried here."""

import re
import shutil
import subprocess

import pytest
import yaml
from conftest import ROOT

from deploy.options import parse
from vae.public.quotas import QUOTAS

DEPLOY = ROOT / "deploy"


def variables(text):
    return set(re.findall(r"\bVAE_[A-Z_]+\b", text))


def test_compose_names_files_that_exist():
    (service,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    context = DEPLOY / service["build"]["context"]
    assert (context / service["build"]["dockerfile"]).exists()
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines():
        assert not line.startswith("!") or (context / line[1:]).exists()


def test_the_image_has_no_models_but_the_included():
    included, copied = (
        {line.rstrip("/") for line in file.read_text().splitlines() if line.startswith("!weights")}
        for file in (ROOT / ".gitignore", DEPLOY / "Dockerfile.dockerignore")
    )
    assert included == copied


def test_only_this_machine_reaches_the_container():
    (service,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize(
    ("file", "limit"), [("compose.yaml", "mem_limit: "), ("vae-lab.service", "MemoryMax=")]
)
def test_the_memory_is_enough_for_all_processes(file, limit):
    text = (DEPLOY / file).read_text()
    processes, workers = (
        int(re.search(rf"VAE_{name}\W+(?:\$\{{VAE_{name}:-)?(\d+)", text)[1])
        for name in ("PROCESSES", "WORKERS")
    )
    most = processes * parse([]).server_memory + workers * QUOTAS.trainer_megabytes + 1000
    assert most <= 1000 * int(re.search(rf"{limit}(\d+)g", text, re.IGNORECASE)[1])


@pytest.mark.parametrize("file", ["compose.yaml", "Dockerfile", "vae-lab.service"])
def test_every_variable_is_documented(file):
    documented = variables((ROOT / "docs" / "deployment.md").read_text())
    assert variables((DEPLOY / file).read_text()) <= documented


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_accepts_the_service(tmp_path):
    unit = tmp_path / "vae-lab.service"
    text = (DEPLOY / "vae-lab.service").read_text()
    unit.write_text(text.replace("/opt/vae-lab/.venv/bin/python", "/usr/bin/env python3"))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
