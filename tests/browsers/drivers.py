"""Browsers without Playwright: Firefox over WebDriver BiDi, WebKit over WebDriver.

Both get the same scripts and the same actions of the pointer and the keyboard, which the two
protocols describe alike.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from conftest import TIMEOUT, wait_until
from websockets.sync.client import connect

SIZE = {"width": 1280, "height": 900}


class Missing(Exception):
    """A browser is not installed; the message says how to install it."""


@contextmanager
def firefox(folder):
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if not path:
        raise Missing("There is no Firefox. On Debian: apt install firefox-esr")
    log = folder / "firefox.log"
    command = [path, "--headless", "--no-remote", "--profile", str(folder)]
    with _process([*command, "--remote-debugging-port", "0"], log) as process:

        def address():
            assert process.poll() is None, "Firefox has ended"
            return re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text())

        with connect(f"{wait_until(address)[1]}/session", max_size=None) as link:
            yield Firefox(link)


class Firefox:
    def __init__(self, link):
        self.link = link
        self.count = 0
        self.errors = []
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=["log.entryAdded"])
        self.context = self._send("browsingContext.getTree")["contexts"][0]["context"]
        self._send("browsingContext.setViewport", context=self.context, viewport=SIZE)

    def _send(self, method, **params):
        self.count += 1
        self.link.send(json.dumps({"id": self.count, "method": method, "params": params}))
        while True:
            message = json.loads(self.link.recv(timeout=TIMEOUT))
            if message.get("method") == "log.entryAdded":
                entry = message["params"]
                if entry["type"] == "javascript" and entry["level"] == "error":
                    self.errors.append(entry["text"])
            elif message.get("id") == self.count:
                assert message["type"] == "success", message
                return message["result"]

    def go(self, url):
        self._send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def run(self, function, *given):
        """What a JavaScript function returns, given JSON."""
        result = self._send(
            "script.evaluate",
            expression=f"JSON.stringify(({function})(...{json.dumps(given)}) ?? null)",
            target={"context": self.context},
            awaitPromise=False,
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def act(self, source):
        self._send("input.performActions", context=self.context, actions=[source])


@contextmanager
def webkit(folder):
    binaries = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
    driver, xvfb = (shutil.which(name) for name in ("WebKitWebDriver", "xvfb-run"))
    if not (binaries and driver and xvfb):
        raise Missing("There is no WebKit. On Debian: apt install webkit2gtk-driver xvfb xauth")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "DATA", "CACHE")}
    unsafe = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}  # There is none in a container.
    plain = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1"}  # Without a graphics card.
    command = [xvfb, "-a", "-s", "-screen 0 1400x1000x24", driver, f"--port={port}"]
    with _process(command, folder / "webkit.log", own | unsafe | plain) as process:
        browser = WebKit(f"http://127.0.0.1:{port}")

        def is_ready():
            assert process.poll() is None, "WebKitWebDriver has ended"
            try:
                return browser.send("GET", "/status")["ready"]
            except OSError:
                return False

        wait_until(is_ready)
        browser.start(binaries[0])
        yield browser
        browser.send("DELETE", browser.session)


class WebKit:
    def __init__(self, url):
        self.url = url

    def start(self, binary):
        options = {"binary": str(binary), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self.send("POST", "/session", {"capabilities": wanted})
        self.session = f"/session/{session['sessionId']}"
        self.send("POST", f"{self.session}/window/rect", SIZE)

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None

    def go(self, url):
        self.send("POST", f"{self.session}/url", {"url": url})
        self.run(
            """() => {
                globalThis.pageErrors = []
                addEventListener("error", event => pageErrors.push(event.message))
                addEventListener("unhandledrejection", event => pageErrors.push(`${event.reason}`))
            }"""
        )

    @property
    def errors(self):
        return self.run("() => globalThis.pageErrors")

    def run(self, function, *given):
        """What a JavaScript function returns, given JSON."""
        script = {"script": f"return ({function})(...arguments)", "args": list(given)}
        return self.send("POST", f"{self.session}/execute/sync", script)

    def act(self, source):
        self.send("POST", f"{self.session}/actions", {"actions": [source]})


@contextmanager
def _process(command, log, environment=None):
    """A process and those that it starts, which end with the context."""
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            env=os.environ | (environment or {}),
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)


BROWSERS = {"firefox": firefox, "webkit": webkit}
