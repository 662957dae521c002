"""Several servers behind nginx, with the configuration as it ships."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from contextlib import ExitStack

import pytest
from clients import ask, cookie_of, tab, upload
from conftest import ROOT, Server, wait_until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    not (NGINX and shutil.which("openssl")),
    reason="needs openssl and nginx: apt install nginx-light",
)
CERTIFICATE = (
    "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost -out chain.pem -keyout key.pem"
)


class Public:
    """nginx on ports of its own, and two servers that share a home."""

    def __init__(self, folder, stack):
        with socket.create_server(("", 0)) as first, socket.create_server(("", 0)) as second:
            self.port, plain = (free.getsockname()[1] for free in (first, second))
        self.url, self.plain = f"https://localhost:{self.port}", f"http://localhost:{plain}"
        trust = {"VAE_ORIGIN": self.url, "FORWARDED_ALLOW_IPS": "127.0.0.1"}
        self.servers = [Server(folder, VAE_PUBLIC="1", **trust) for _ in range(2)]
        for server in self.servers:
            stack.callback(server.close)
        subprocess.run(CERTIFICATE.split(), cwd=folder, check=True, capture_output=True)
        self.context = ssl.create_default_context(cafile=str(folder / "chain.pem"))
        # With TLS 1.3 the two threads of `websockets.sync` sometimes lose what one of them sends.
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        lines = [f"server 127.0.0.1:{server.port} fail_timeout=2s;" for server in self.servers]
        (folder / "vae-lab.servers").write_text("\n".join(lines))
        site = (ROOT / "deploy" / "nginx.conf").read_text()
        site = re.sub(r"listen (\[::\]:)?443", rf"listen \g<1>{self.port}", site)
        site = re.sub(r"listen (\[::\]:)?80", rf"listen \g<1>{plain}", site)
        site = site.replace("/etc/vae-lab/", f"{folder}/")
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/nginx.pid; events {{}} http {{ client_body_temp_path"
            f" {folder}/body; proxy_temp_path {folder}/proxy; {site} }}"
        )
        self.log = folder / "nginx.log"
        with self.log.open("wb") as log:
            command = [NGINX, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
            self.nginx = subprocess.Popen(command, stderr=log)
        stack.callback(self.nginx.wait)
        stack.callback(self.nginx.terminate)
        wait_until(self._answers)

    def _answers(self):
        assert self.nginx.poll() is None, self.log.read_text()
        try:
            return self.ask("/_stcore/health").status == 200
        except OSError:
            return False

    def ask(self, path="/", **headers):
        return ask(self.url, path, context=self.context, **headers)

    def browser(self):
        """The cookie of a new visitor."""
        return cookie_of(self.ask())

    def tab(self, cookie):
        return tab(self.url, context=self.context, origin=self.url, Cookie=cookie)

    def server_of(self, session_id):
        """Which server has a session: the other one takes no upload to it."""
        # From an address of its own, for which no other upload counts.
        address = f"2001:db8:{session_id[:4]}:{session_id[4:8]}::1"
        statuses = [
            upload(server.url, session_id, "x", X_Forwarded_For=address).status == 204
            for server in self.servers
        ]
        assert sum(statuses) == 1
        return statuses.index(True)


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    with ExitStack() as stack:
        yield Public(tmp_path_factory.mktemp("nginx"), stack)


def test_a_browser_stays_on_its_server(public):
    used = set()
    for _ in range(8):
        cookie = public.browser()
        with public.tab(cookie) as first, public.tab(cookie) as second:
            names = [first.open("generate"), second.open()]
            (server,) = {public.server_of(name) for name in names}
            kept = upload(public.url, names[0], "y", cookie=cookie, context=public.context)
            assert kept.status == 204
            used.add(server)
    assert used == {0, 1}


def test_the_servers_know_what_nginx_knows(public):
    answer = public.ask("/generate")
    assert answer.headers["Set-Cookie"].startswith("__Host-vae_visitor")
    assert answer.headers["Strict-Transport-Security"]
    assert public.ask(Origin="https://evil.example").status == 403
    assert public.ask(Host="evil.example").status == 421
    assert public.ask("/_stcore/metrics").status == 404
    moved = ask(public.plain, "/train?run=x")
    assert (moved.status, moved.headers["Location"]) == (301, "https://localhost/train?run=x")
    script = re.search(rb'src="(/static/js/[^"]+)"', answer.text)[1].decode()
    packed = public.ask(script, Accept_Encoding="gzip").headers
    assert packed["Content-Encoding"] == "gzip" and "immutable" in packed["Cache-Control"]


def test_nginx_says_whose_request_it_is_whatever_they_say(public):
    with public.tab(public.browser()) as page:
        name = page.open()
        statuses = (
            upload(public.url, name, "z", context=public.context, X_Forwarded_For=f"192.0.2.{i}")
            for i in range(60)  # Of one address 20 are enough for each server.
        )
        assert 429 in (answer.status for answer in statuses)


def test_a_server_is_killed(public):
    with ExitStack() as tabs:
        cookies = [public.browser() for _ in range(6)]
        for cookie in cookies:
            tabs.enter_context(public.tab(cookie)).open()
        public.servers[0].process.send_signal(signal.SIGKILL)
        public.servers[0].process.wait()
        for cookie in cookies:
            assert public.ask("/?canvas=a-drawing", Cookie=cookie).status == 200
            with public.tab(cookie) as again:
                assert again.open()
    public.servers[1].process.send_signal(signal.SIGKILL)
    public.servers[1].process.wait()
    answer = public.ask("/?canvas=a-drawing")
    assert answer.status == 503 and answer.text.startswith(b"The server is starting or too busy.")
    assert "a-drawing" not in public.log.read_text()
