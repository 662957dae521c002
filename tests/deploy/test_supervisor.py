"""The options of the set-up, its certificate, and the processes that it keeps alive."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from certificates import certificate, needs_openssl
from conftest import ROOT, wait_until
from leftovers import processes
from public_setup import free_ports

from deploy import public
from deploy.nginx import nginx_config
from deploy.options import parse
from deploy.public import Child

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
needs_nginx = pytest.mark.skipif(not NGINX, reason="needs nginx: apt install nginx-light")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--origin", "vae.example.org"], "is no origin"),
        (["--origin", "https://vae.example.org/path"], "is no origin"),
        (["--origin", 'https://a"; root /'], "is no origin"),
        (["--origin", "https://a", "--certificate", "c"], "needs its key"),
        (["--certificate", "c", "--key", "k"], "begins with https://"),
        (["--servers", "8501"], "is no server"),
        (["--processes", "0"], "at least 1"),
        (["--processes", "many"], "invalid int value"),
        (["--port", "8512", "--processes", "2"], "cannot both have port 8512"),
    ],
)
def test_wrong_options(arguments, problem, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse(arguments)
    assert problem in capsys.readouterr().err


def test_options_from_the_environment(monkeypatch):
    monkeypatch.setenv("VAE_ORIGIN", "https://a.example https://b.example:444")
    monkeypatch.setenv("VAE_PROCESSES", "3")
    options = parse([])
    assert options.hosts == ["a.example", "b.example"]
    assert options.port == 443
    assert len(options.ports) == 3
    assert parse(["--processes", "5", "--port", "8443"]).port == 8443


def test_servers_of_other_machines_by_number():
    text = nginx_config(parse(["--servers", "localhost:8501", "10.0.0.5:8501", "--print"]))
    assert "server 127.0.0.1:8501 fail_timeout" in text
    assert "server 10.0.0.5:8501 fail_timeout" in text
    assert "localhost:8501" not in text


@pytest.fixture
def child():
    """Start a child that runs Python code; end it at last."""
    children = []

    def start(code, **options):
        children.append(Child("A child", [sys.executable, "-c", code], os.environ, **options))
        return children[0]

    yield start
    children[0].process.kill()
    children[0].process.wait()


def started_again(child):
    first = child.process.pid
    wait_until(lambda: child.check() or child.process.pid != first)


def test_a_child_that_ends_starts_again(child):
    child = child("input()")
    child.process.send_signal(signal.SIGKILL)
    started_again(child)


def test_a_child_with_too_much_memory_starts_again(child, capsys):
    started_again(child("x = bytes(range(256)) * 800_000; input()", max_mb=100))
    assert "A child takes more than 100 MB and is ended." in capsys.readouterr().err


def test_a_child_that_does_not_answer_starts_again(child, capsys, monkeypatch):
    monkeypatch.setattr(public, "_PROBE_SECONDS", 0)
    monkeypatch.setattr(public, "_ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started_again(child("import signal; signal.pause()", port=silent.getsockname()[1]))
    assert "A child does not answer and is ended." in capsys.readouterr().err


def test_a_server_that_answers_with_an_error_does_not_count_as_well():
    class Unwell(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(503)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Unwell) as server:
        threading.Thread(target=server.handle_request).start()
        assert not public._answers(server.server_port)


@needs_nginx
def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("", 0)) as taken:
        port, free, _ = taken.getsockname()[1], *free_ports()[1:]
        for used, first, option in ((port, free, "--port"), (free, port, "--first-port")):
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "deploy.public", "--processes", "1"),
                    *("--port", str(used), "--first-port", str(first)),
                ],
                cwd=ROOT,
                env=os.environ | {"VAE_HOME": str(tmp_path)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 1
            assert f"Port {port} cannot be used" in done.stderr and option in done.stderr


@needs_nginx
def test_an_error_leaves_no_process(tmp_path):
    port, first, _ = free_ports()
    code = "from deploy import public; public.Child.check = lambda child: 1 / 0; public.main()"
    ports = "--origin", f"http://localhost:{port}", "--first-port", str(first)
    done = subprocess.run(
        [sys.executable, "-c", code, *ports, "--processes", "1"],
        cwd=ROOT,
        env=os.environ | {"VAE_HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert not processes(tmp_path)


@contextmanager
def nginx_alone(folder, scheme, *more, context=None):
    """nginx without its servers: how to send it a request, and its port."""
    port, first, _ = free_ports()
    options = parse(
        [
            *("--origin", f"{scheme}://localhost:{port}", "--first-port", str(first)),
            *("--processes", "2", *more),
        ]
    )
    (folder / "nginx.conf").write_text(nginx_config(options))

    def send(method, path, headers=None):
        connection = (
            http.client.HTTPSConnection("localhost", port, context=context, timeout=10)
            if context
            else http.client.HTTPConnection("localhost", port, timeout=10)
        )
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response, response.read()
        except ConnectionRefusedError:
            return None
        finally:
            connection.close()

    with subprocess.Popen(
        [NGINX, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"],
        stderr=subprocess.DEVNULL,
    ) as nginx:
        try:
            wait_until(lambda: send("GET", "/static/index.html"))
            yield send, port
        finally:
            nginx.terminate()


@needs_nginx
@needs_openssl
def test_a_certificate(tmp_path):
    file, key = certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(file))
    files = "--certificate", str(file), "--key", str(key)
    with nginx_alone(tmp_path, "https", *files, context=context) as (send, port):
        response, text = send("GET", "/")
    assert response.status == 503
    assert text.startswith(b"The server is starting or too busy.")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert f"wss://localhost:{port}" in response.headers["Content-Security-Policy"]


@needs_nginx
def test_the_addresses_of_one_connection_count_as_one(tmp_path):
    def too_many(pattern):
        """Whether 25 uploads, each of another session and from another address, are too many."""
        addresses = [pattern.format(i + 1) for i in range(25)]
        answers = [
            send("PUT", f"/_stcore/upload_file/{address}/x", {"X-Forwarded-For": address})
            for address in addresses
        ]
        return 429 in [response.status for response, _ in answers]

    with nginx_alone(tmp_path, "http", "--trusted-proxy", "127.0.0.1", "::1") as (send, _):
        assert too_many("2001:db8:1:2:3:4:5:{:x}")
        assert too_many("2001:db8::a:b:c:{:x}")
        assert too_many("2001:db8:0:7::{:x}")
        assert not too_many("2001:db8:0:1{:02x}::1")
        assert not too_many("192.0.2.{}")
        assert not too_many("::ffff:192.0.2.{}")
