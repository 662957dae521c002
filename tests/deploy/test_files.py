"""The files for systemd and Docker, as far as they can be tried here, and Streamlit's settings."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT

DEPLOY = ROOT / "deploy"
CONFIGURED = {
    "server.address": None,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.maxUploadSize": 42,
    "server.maxWidgetStateSize": 2,
    "server.fileWatcherType": "none",
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "global.developmentMode": False,
}


def test_what_a_public_server_depends_on_is_configured():
    code = (
        "import json, sys; from streamlit import config;"
        "print(json.dumps({name: config.get_option(name) for name in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *CONFIGURED], cwd=ROOT, check=True, capture_output=True
    )
    assert json.loads(done.stdout) == CONFIGURED


def test_the_container_has_what_the_app_needs():
    app = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["app"]
    context = DEPLOY / app["build"]["context"]
    assert (context / app["build"]["dockerfile"]).exists()
    included, copied = (
        [line[1:].rstrip("/") for line in file.read_text().splitlines() if line.startswith("!")]
        for file in (ROOT / ".gitignore", DEPLOY / "Dockerfile.dockerignore")
    )
    assert all((context / name).exists() for name in copied)
    weights = [[n for n in names if n.startswith("weights")] for names in (included, copied)]
    assert sorted(weights[0]) == sorted(weights[1]), "no models but the included"
    assert "ports" not in app, "nobody but nginx reaches it"


@pytest.mark.parametrize("file", ["compose.yaml", "Dockerfile", "vae-lab@.service"])
def test_every_variable_is_documented(file):
    documented, used = (
        set(re.findall(r"\bVAE_[A-Z_]+\b", path.read_text()))
        for path in (ROOT / "docs" / "deployment.md", DEPLOY / file)
    )
    assert used <= documented


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_accepts_the_service(tmp_path):
    text = (DEPLOY / "vae-lab@.service").read_text()
    text = text.replace("/opt/vae-lab/.venv/bin/streamlit", "/usr/bin/env")
    (tmp_path / "vae-lab@.service").write_text(text)
    unit = tmp_path / "vae-lab@8511.service"
    unit.symlink_to("vae-lab@.service")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
