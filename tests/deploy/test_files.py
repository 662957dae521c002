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
    assert (DEPLOY / app["build"] / "Dockerfile").exists()
    included, copied = (
        [line[1:].rstrip("/") for line in file.read_text().splitlines() if line.startswith("!")]
        for file in (ROOT / ".gitignore", ROOT / ".dockerignore")
    )
    assert all((ROOT / name).exists() for name in copied)
    weights = [[n for n in names if n.startswith("weights")] for names in (included, copied)]
    assert sorted(weights[0]) == sorted(weights[1]), "no models but the included"
    assert "ports" not in app, "only nginx reaches it"


def test_a_space_of_hugging_face_finds_the_server():
    _, front, _ = (DEPLOY / "huggingface" / "README.md").read_text().split("---\n", 2)
    space = yaml.safe_load(front)
    assert space["sdk"] == "docker"
    assert len(space["short_description"]) <= 60
    container = (ROOT / "Dockerfile").read_text()
    assert f"EXPOSE {space['app_port']}\n" in container, "and Streamlit's default"
    assert "useradd --uid 1000 " in container and "USER vae-lab" in container


@pytest.mark.parametrize("file", ["compose.yaml", "../Dockerfile", "vae-lab@.service"])
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
