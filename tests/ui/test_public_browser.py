"""Public mode in a browser, which keeps who its visitor is."""

import socket
import time
import urllib.request

import pytest
from browsing import visit
from by_hand import made
from conftest import Server, in_home

from ui.server.startup import _is_of_this_machine


@pytest.fixture(scope="module")
def watchdog(tmp_path_factory):
    """Where systemd would hear from the server."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path_factory.mktemp("systemd") / "notify"))
        yield heard


@pytest.fixture(scope="module")
def public_server(tmp_path_factory, watchdog):
    home = tmp_path_factory.mktemp("public")
    server = Server(home, VAE_PUBLIC="1", NOTIFY_SOCKET=watchdog.getsockname())
    yield server
    server.close()
    assert "Traceback" not in server.log()


def test_a_browser_keeps_who_its_visitor_is(browser, public_server):
    url = public_server.url

    def kept(page):
        """The visitor's cookie."""
        (cookie,) = [c for c in page.context.cookies() if "vae" in c["name"]]
        return cookie

    def keep(page, **changes):
        cookie = kept(page) | changes
        page.context.add_cookies(
            [{key: cookie[key] for key in ("name", "value", "expires")} | {"url": url}]
        )
        return cookie

    with visit(browser, f"{url}/train") as anna, visit(browser, f"{url}/runs") as ben:
        value = kept(anna)["value"]
        assert kept(ben)["value"] != value and kept(ben)["name"] == kept(anna)["name"]
        assert kept(anna)["httpOnly"] and kept(anna)["sameSite"] == "Lax"
        with in_home(public_server.home):
            run = made("annas", owner=value.split(".")[0])

        # Each visit renews the cookie.
        soon = keep(anna, expires=time.time() + 3600)["expires"]
        anna.goto(f"{url}/train?run={run.id}")
        anna.get_by_text("Finished; it is saved.").wait_for()
        assert kept(anna)["value"] == value and kept(anna)["expires"] > soon + 3600

        with in_home(public_server.home):
            run.share(True)
        ben.goto(f"{url}/train?run={run.id}")
        ben.get_by_text("Finished; it is saved.").wait_for()
        with in_home(public_server.home):
            run.share(False)  # The page is drawn anew by itself.
        ben.get_by_text(f"There is no run '{run.id}'").wait_for()

        # With an altered cookie one is somebody new.
        altered = keep(anna, value=f"{'0' if value[0] != '0' else '1'}{value[1:]}")["value"]
        anna.goto(f"{url}/train?run={run.id}")
        anna.get_by_text(f"There is no run '{run.id}'").first.wait_for()
        assert kept(anna)["value"] not in (value, altered)


def test_nobody_is_believed_to_be_a_proxy(public_server):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    request = urllib.request.Request(public_server.url, headers=headers)
    assert "Secure" not in urllib.request.urlopen(request).headers["Set-Cookie"]


def test_systemd_hears_that_the_server_is_alive(public_server, watchdog):
    watchdog.settimeout(60)
    assert watchdog.recv(100) == b"READY=1\nWATCHDOG=1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        (None, False),
        ("", False),
        ("0.0.0.0", False),
        ("192.168.1.20", False),
        ("vae.example.org", False),
    ],
)
def test_a_server_that_others_can_reach_is_public(address, expected):
    assert _is_of_this_machine(address) == expected
