"""A public server without a proxy: what it refuses, and the headers of its answers."""

import http.client
import os
import socket
from contextlib import ExitStack, closing

import pytest
from browsing import NAMES, PAGES, SEVEN, at_rest, draw, go_to, heading, picture, visit
from clients import ask, cookie_of, tab, upload
from conftest import Server, wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ui.server import rates
from vae.public.quotas import QUOTAS

ORIGIN = "https://vae.example.org"


@pytest.fixture(scope="module")
def lookups():
    """What Streamlit reaches when it looks up its own address on the internet."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="module")
def public(tmp_path_factory, lookups):
    """A server that other machines can reach; who sends a request is in X-Forwarded-For."""
    home = tmp_path_factory.mktemp("public")
    git = home / "programs" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\ntouch {home}/git-was-run\n")
    git.chmod(0o755)
    proxy = f"http://127.0.0.1:{lookups.getsockname()[1]}"
    server = Server(
        home,
        address="0.0.0.0",
        VAE_ORIGIN=ORIGIN,
        FORWARDED_ALLOW_IPS="127.0.0.1",
        PATH=f"{git.parent}:{os.environ['PATH']}",
        http_proxy=proxy,
        https_proxy=proxy,
    )
    while arrived(lookups):  # At the start, to print the address.
        pass
    yield server
    server.close()
    assert "Traceback" not in server.log()
    assert not arrived(lookups)


def arrived(listening):
    """Whether there was a connection."""
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def refusal(public, **tab_of):
    """The status with which a connection is refused."""
    with pytest.raises(InvalidStatus) as refused, tab(public.url, **tab_of):
        pass
    return refused.value.response.status_code


def test_another_site_reaches_nothing(public):
    port = public.url.rpartition(":")[2]
    foreign = "https://evil.example", "null", f"http://localhost:{port}", "http://127.0.0.1:1"
    for origin in foreign:
        assert ask(public.url, Origin=origin).status == 403
        assert refusal(public, origin=origin) == 403
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", ""):
        assert ask(public.url, Host=host).status == 421
    assert refusal(public, host="evil.example") == 421


@pytest.mark.parametrize(
    ("host", "origin", "proto"),
    [
        ("vae.example.org", ORIGIN, "https"),
        ("vae.example.org", ORIGIN, "http"),
        ("192.168.1.20:8501", "http://192.168.1.20:8501", "http"),
        ("[::1]:8501", "http://[::1]:8501", "http"),
        ("teacher.local", "https://teacher.local", "https"),
        ("localhost", None, "http"),
    ],
)
def test_the_own_hosts_are_let_in(public, host, origin, proto):
    sent = {"Host": host, "X_Forwarded_Proto": proto} | ({"Origin": origin} if origin else {})
    answer = ask(public.url, "/generate", **sent)
    https = proto == "https" or origin == ORIGIN
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 200
    assert ("Strict-Transport-Security" in answer.headers) == https
    assert (cookie.startswith("__Host-") and "; Secure" in cookie) == https
    assert "; HttpOnly" in cookie and "; SameSite=lax" in cookie and "; Path=/" in cookie


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_stcore/health", 200),
        ("/_stcore/metrics", 404),
        ("/_stcore/script-health-check", 404),
        ("/_stcore/agent/openapi.json", 404),
        ("/auth/login", 404),
        ("/oauth2callback", 404),
        ("/.git/config", 404),
        ("/static/../.git/config", 404),
        ("/static/%2e%2e/%2e%2e/config.py", 404),
        ("/..%2f..%2fetc/passwd", 404),
        ("//etc/passwd", 400),
        ("/component/../../app.py", 404),
    ],
)
def test_what_can_be_read(public, path, status):
    answer = ask(public.url, path)
    assert answer.status == status or (status == 404 and answer.status == 400)
    assert b"[core]" not in answer.text and b"root:" not in answer.text


def test_only_uploads_and_reports_change_anything(public):
    for method in ("POST", "PUT", "DELETE"):
        for path in ("/generate", "/_stcore/health"):
            assert ask(public.url, path, method).status == 405
    assert ask(public.url, "/failures", "POST").status == 400


def test_what_browsers_are_told(public):
    headers = ask(public.url, "/generate").headers
    scripts = headers["Content-Security-Policy"].partition("script-src ")[2].partition(";")[0]
    assert "unsafe-inline" not in scripts and "'unsafe-eval'" not in scripts
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ask(public.url, "/media/x").headers["Cache-Control"] == "private, no-store"


def test_a_cookie_is_kept_and_a_session_is_its_visitors_alone(public):
    anna, ben = (cookie_of(ask(public.url)) for _ in range(2))
    assert anna != ben and cookie_of(ask(public.url, Cookie=anna)) == anna
    altered = f"{anna[:-20]}AAAA{anna[-16:]}"
    assert cookie_of(ask(public.url, Cookie=altered)) not in (anna, altered)
    with tab(public.url, Cookie=anna) as first:
        name = first.open()
        for thief in ({"Cookie": ben}, {}, {"X_Vae_Visitor": anna.split("=")[1].split(".")[0]}):
            with tab(public.url, name, **thief) as other:
                assert other.open() != name
    with tab(public.url, name, Cookie=anna) as again:
        assert again.open() == name


def test_messages_that_no_page_sends_are_of_no_effect(public):
    with tab(public.url) as page:
        for name in ("load_git_info", "clear_cache", "set_run_on_save", "app_heartbeat"):
            page.send(name)
        page.until("heartbeat_ack")
    for frame in (b"\xff" * 100, b"", "text"):
        with tab(public.url) as page, pytest.raises(ConnectionClosed) as closed:
            page.socket.send(frame)
            page.socket.recv()
        assert closed.value.rcvd.code == 1002
    assert not (public.home / "git-was-run").exists()


def test_large_bodies_end_while_they_are_sent(public):
    with tab(public.url) as page:
        name = page.open()
        large = bytes(QUOTAS.upload_megabytes * 10**6 + 20_000)
        assert upload(public.url, name, "x", large).status == 413
        path = f"/_stcore/upload_file/{name}/x"
        assert ask(public.url, path, "PUT", b"x").status == 403, "without the token against XSRF"
        assert upload(public.url, "of-nobody", "x").status == 400
    with socket.create_connection(("127.0.0.1", public.port)) as client:
        head = b"POST /failures HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.sendall(head + b"1000\r\n" + bytes(0x1000) + b"\r\n2\r\nxx\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413"), "although more would follow"


def too_many(send, most=400):
    """How many requests are answered before one is too many."""
    for count in range(most):
        if (status := send(count)) == 429:
            return count
        assert status in (200, 204)
    return most


def test_uploads_are_limited(public):
    with ExitStack() as tabs:
        names = [tabs.enter_context(tab(public.url)).open() for _ in range(8)]

        def of_page(i):
            return upload(public.url, names[0], i, X_Forwarded_For=f"198.51.100.{i}").status

        def of_network(pattern):
            return lambda i: (
                upload(
                    public.url, names[1 + i // 4], i, X_Forwarded_For=pattern.format(i + 1)
                ).status
            )

        assert too_many(of_page) == 4
        assert too_many(of_network("2001:db8:1:2:3:4:5:{:x}"), 21) == 20


def test_requests_and_pages_of_an_address_are_limited(public):
    assert refusal_after(public, rates.PAGES, "203.0.113.1") == 429
    with tab(public.url, X_Forwarded_For="203.0.113.2"):
        pass  # Others are let in.
    client = http.client.HTTPConnection("127.0.0.1", public.port)

    def request(_):
        client.request("GET", "/_stcore/host-config", headers={"X-Forwarded-For": "203.0.113.3"})
        answer = client.getresponse()
        answer.read()
        return answer.status

    with closing(client):
        assert too_many(request, 2100) == 2000
    assert ask(public.url, X_Forwarded_For="203.0.113.4").status == 200


def refusal_after(public, count, address):
    with ExitStack() as tabs:
        for _ in range(count):
            tabs.enter_context(tab(public.url, X_Forwarded_For=address))
        return refusal(public, X_Forwarded_For=address)


def test_the_pages_in_a_browser(public, browser):
    messages = []
    with visit(browser, public.url) as page:
        page.on("console", lambda message: messages.append(message.text))
        at_rest(page)
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Generate")
        page.get_by_text("Latent knobs").first.wait_for()
        before = picture(page)
        page.get_by_role("slider").first.press("End")
        wait_until(lambda: picture(page) != before)
        for path, text in list(PAGES.items())[2:]:
            go_to(page, NAMES[path])
            page.get_by_text(text).first.wait_for()
            at_rest(page)
        assert not [text for text in messages if "Content Security Policy" in text]
        assert page.evaluate("document.cookie").find("vae_visitor") == -1


def test_a_space_is_reached_by_its_name_and_may_be_framed(tmp_path):
    host, hub = "me-lab.hf.space", "https://huggingface.co"
    space = {"SPACE_HOST": host, "SPACE_ID": "me/lab", "VAE_EMBED": hub}
    with closing(Server(tmp_path, address="0.0.0.0", **space)) as server:
        answer = ask(server.url, Host=host)
        assert answer.status == 200 and "X-Frame-Options" not in answer.headers
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors 'self' {hub}")
        cookie = answer.headers["Set-Cookie"].lower()
        assert {"secure", "httponly", "samesite=none", "partitioned"} <= {*cookie.split("; ")}
        assert ask(server.url, Host="other.hf.space").status == 421
