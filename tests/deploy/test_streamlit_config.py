"""The configuration that ships, as Streamlit itself reads it."""

import json
import subprocess
import sys

from conftest import ROOT

EXPECTED = {
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.address": "localhost",
    "server.maxUploadSize": 42,
    "server.maxWidgetStateSize": 2,
    "server.fileWatcherType": "none",
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.trustedUserHeaders": {},
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "global.developmentMode": False,
    "global.maxCachedMessageAge": 20,
    "global.minCachedMessageSize": 2000,
}


def test_what_a_public_server_depends_on():
    code = (
        "import json, sys; from streamlit import config;"
        "print(json.dumps({name: config.get_option(name) for name in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *EXPECTED], cwd=ROOT, check=True, capture_output=True
    )
    assert json.loads(done.stdout) == EXPECTED
