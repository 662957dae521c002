"""The set-up for the internet as it is started: nginx and two servers."""

import os
import shutil
import signal
import socket
from contextlib import ExitStack

import pytest
from browsing import NAMES, PAGES, SEVEN, at_rest, draw, go_to, heading, picture, visit
from conftest import wait_until
from leftovers import processes
from public_setup import PER_ADDRESS, Public, assigned
from websockets.exceptions import InvalidStatus

pytestmark = pytest.mark.skipif(
    not shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"),
    reason="the tests of the proxy need nginx: apt install nginx-light",
)
PARTS = (
    b'--part\r\nContent-Disposition: form-data; name="file"; filename="m"\r\n\r\n%b\r\n--part--\r\n'
)


@pytest.fixture(scope="module")
def lookups():
    """What Streamlit reaches when it looks up its own address on the internet."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="module")
def public(tmp_path_factory, lookups):
    home = tmp_path_factory.mktemp("public")
    git = home / "programs" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\ntouch {home}/git-was-run\n")
    git.chmod(0o755)
    proxy = f"http://127.0.0.1:{lookups.getsockname()[1]}"
    path = f"{git.parent}:{os.environ['PATH']}"
    public = Public(home, {"http_proxy": proxy, "https_proxy": proxy, "PATH": path})
    try:
        public.await_server(1)
        public.await_server(2)
        yield public
    finally:
        public.close()


def arrived(listening):
    """Whether somebody has connected."""
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def refused(public, **options):
    with pytest.raises(InvalidStatus, match="403"), public.session(**options):
        pass


def token(public):
    """The headers of a browser that may upload."""
    cookie = public.get("/_stcore/health").headers.get_all("Set-Cookie")
    (xsrf,) = [text.split(";")[0] for text in cookie if text.startswith("_streamlit_xsrf=")]
    return xsrf, {
        "Content-Type": "multipart/form-data; boundary=part",
        "X-Xsrftoken": xsrf.split("=", 1)[1],
    }


def upload(public, session, server, name, size=10, **more):
    """The status of an upload."""
    xsrf, headers = token(public)
    headers |= {"Cookie": f"{xsrf}; vae_server={server}"} | more
    path = f"/_stcore/upload_file/{session}/{name}"
    return public.request("PUT", path, headers, PARTS % bytes(size)).status


def test_a_foreign_origin_reaches_no_server(public, lookups):
    for foreign in ("https://evil.example", "null", f"{public.origin}.evil.example"):
        refused(public, own=foreign)
        assert public.get("/", {"Origin": foreign}).status == 403
    assert not arrived(lookups)
    refused(public, own="https://evil.example", port=public.servers[0])  # Streamlit looks it up.
    assert arrived(lookups)


@pytest.mark.parametrize("own", [True, False])
def test_the_own_origin_and_none_are_let_in(public, own):
    with public.session(own=own) as session:
        assert session.open("generate")


def test_another_host_is_refused(public):
    assert public.get("/", {"Host": "evil.example"}).status == 421
    refused(public, host="evil.example", port=public.servers[0])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_stcore/health", 200),
        ("/_stcore/metrics", 404),
        ("/_stcore/agent/openapi.json", 404),
        ("/.git/config", 404),
        ("/static/../.git/config", 404),
        ("/static/%2e%2e/%2e%2e/config.py", 404),
        ("/..%2f..%2fetc/passwd", 400),
        ("//etc/passwd", 400),
        ("/component/../../app.py", 400),
    ],
)
def test_what_can_be_read(public, path, status):
    answer = public.get(path)
    assert answer.status == status or (status == 404 and answer.status == 400)
    assert b"[core]" not in answer.text and b"root:" not in answer.text


def test_only_uploads_change_anything(public):
    for method in ("POST", "PUT", "DELETE"):
        assert public.request(method, "/generate").status == 403
        assert public.request(method, "/_stcore/health").status == 403
    assert public.request("POST", "/failures").status == 400


def test_headers(public):
    headers = public.get("/generate").headers
    assert headers["Server"] == "nginx"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "'unsafe-eval'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    page = public.get("/").text.decode()
    script = page.split('src="/static/js/')[1].split('"')[0]
    answer = public.get(f"/static/js/{script}", {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_stays_on_its_server(public):
    for own, other in ((1, 2), (2, 1)):
        with public.session(own) as session:
            name = session.open()
            assert upload(public, name, own, "a") == 204
            assert upload(public, name, other, "b") == 400


def test_a_new_browser_gets_a_server(public):
    assert {assigned(public.get("/")) for _ in range(8)} == {"1", "2"}
    assert assigned(public.get("/", {"Cookie": "vae_server=9"}))


def test_large_uploads_are_refused(public):
    xsrf, headers = token(public)
    with public.session(1) as session:
        path = f"/_stcore/upload_file/{session.open()}/x"
        assert public.request("PUT", path, headers | {"Cookie": "vae_server=1"}).status == 403
        large = headers | {"Cookie": f"{xsrf}; vae_server=1", "Content-Length": str(12 << 20)}
        assert public.request("PUT", path, large).status == 413
        assert public.request("PUT", path, large, port=public.servers[0]).status == 413


def test_uploads_are_limited(public):
    with public.session(1) as other, public.session(2) as session:
        other.open()
        name = session.open()
        before = public.memory_mb()
        assert until_too_many(lambda i: upload(public, name, 2, i, 10_000_000)) >= 4
        assert public.memory_mb() - before < 100
    with ExitStack() as tabs:  # Of one address, whatever address they give; each sends four.
        names = []

        def next_upload(i):
            if i % 4 == 0:
                names.append(tabs.enter_context(public.session(1)).open())
            return upload(public, names[-1], 1, i, **{"X-Forwarded-For": f"192.0.2.{i}"})

        assert until_too_many(next_upload) >= 1


def until_too_many(send):
    """How many uploads are accepted before one is too many."""
    statuses = []
    while not statuses or (statuses[-1] == 204 and len(statuses) < 80):
        statuses.append(send(len(statuses)))
    assert statuses[-1] == 429
    return len(statuses) - 1


def test_the_pages_in_a_browser(public, browser):
    messages = []
    with visit(browser, public.origin) as page:
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


def test_no_visitor_has_git_run(public):
    with public.session(1) as session:
        session.request("load_git_info")
        session.request("app_heartbeat")
        session.until("heartbeat_ack")
    assert not (public.home / "git-was-run").exists()


def test_one_server_is_killed(public):
    killed = public.pid(2)
    with public.session(1) as session:
        session.open()
        os.kill(killed, signal.SIGKILL)
        session.open("generate")
        moved = public.get("/?canvas=a-drawing", {"Cookie": "vae_server=2"})
        assert moved.status == 200
        assert assigned(moved) == "1"
        assert "a-drawing" not in public.log()
        public.await_server(2)
        assert public.pid(2) != killed
        session.open("explore")
    with public.session(2) as session:
        assert session.open()


def test_pages_of_one_address_are_limited(public):
    with ExitStack() as tabs, pytest.raises(InvalidStatus, match="429"):
        for _ in range(PER_ADDRESS + 1):
            tabs.enter_context(public.session())
    assert public.get("/").status == 200
    assert "client: " not in public.log()  # nginx would name the request.


def test_the_end_leaves_no_process(public):
    with public.session(1) as session:
        session.open("train")
    wait_until(lambda: public.child("vae.runs.dispatcher"))
    public.process.send_signal(signal.SIGTERM)
    assert public.process.wait() == 0
    assert not processes(public.home)
