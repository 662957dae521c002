"""The server's own routes: modules, models, the HTML of the pages, and reports of failures."""

import json
import urllib.error
import urllib.request

import numpy as np
import pytest
import safetensors.numpy
from browsing import visit
from conftest import Server, wait_until
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui.components import addresses
from ui.engine.pack import pack
from ui.shared.pages import PAGES
from vae import load, save
from vae.files import owners, registry
from vae.files.owners import Ownership
from vae.public import identity

COOKIE_SECRET = "a secret of this test alone"


def ask(url, data=None, cookie=""):
    """The status, headers and body of an answer."""
    request = urllib.request.Request(url, data, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, b""


def logged_in(origin, subject):
    """The cookie that Streamlit sets when a user has logged in."""
    user = {"origin": origin, "is_logged_in": True, "iss": "school", "sub": subject}
    kept = create_signed_value(COOKIE_SECRET, USER_COOKIE_NAME, json.dumps(user))
    return f"{USER_COOKIE_NAME}={kept.decode()}"


def model_id(name):
    from ui.shared.loaded_models import load as load_file

    return f"{name}@{load_file(registry.available()[name]).digest}"


def test_a_module_is_served_as_it_is_for_ever(server):
    status, headers, body = ask(f"{server.url}{addresses.live()}/engine/model_cache.js")
    assert status == 200 and body == (addresses.FOLDER / "engine" / "model_cache.js").read_bytes()
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["__init__.py", "../main.py", "draw/stages.css", "nothing.js"])
def test_nothing_but_modules_is_served(server, path):
    status, _, body = ask(f"{server.url}{addresses.live()}/{path}")
    assert status in (400, 404) and not body


def test_a_model_is_served_for_ever_under_its_digest(server):
    wanted = model_id("classic")
    status, headers, body = ask(f"{server.url}{addresses.live()}/models/{wanted}")
    tensors, expected = (safetensors.numpy.load(b) for b in (body, pack(load("classic"), wanted)))
    assert status == 200 and tensors.keys() == expected.keys()
    assert all(np.array_equal(tensors[name], expected[name]) for name in expected)
    assert headers["Cache-Control"] == f"private, {addresses.FOREVER}"
    assert ask(f"{server.url}{addresses.live()}/models/classic@0123456789abcdef")[0] == 404
    assert (
        ask(f"{server.url}{addresses.live()}/models/nothing@{wanted.partition('@')[2]}")[0] == 404
    )
    assert ask(f"{server.url}{addresses.live()}/models/")[0] == 404


def test_a_model_of_somebody_else_is_none(home, monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "1")
    owner, user = identity.new_id(), identity.user_id("school", "anna")
    for model in ("own", "users", "nobodys"):
        save(home / "weights" / f"{model}.safetensors", load("classic"))
    owners.save("own", Ownership(owner))
    owners.save("users", Ownership(user))
    server = Server(home, STREAMLIT_SERVER_COOKIE_SECRET=COOKIE_SECRET)
    try:
        name = identity.cookie_name(https=False)
        for kind in ("models", "maps"):
            address = f"{server.url}{addresses.live()}/{kind}/{model_id('own')}"
            assert ask(address, cookie=f"{name}={identity.cookie(owner)}")[0] == 200
            strangers = identity.cookie(identity.new_id())
            for cookie in ("", f"{name}={strangers}", f"{name}={owner}.forged"):
                assert ask(address, cookie=cookie)[0] == 404
            address = f"{server.url}{addresses.live()}/{kind}/{model_id('users')}"
            for subject, status in (("anna", 200), ("ben", 404)):
                assert ask(address, cookie=logged_in(server.url, subject))[0] == status
            assert ask(address, cookie=logged_in("https://evil.example", "anna"))[0] == 404
            # One without an owner is from the terminal: nobody agreed to show it.
            address = f"{server.url}{addresses.live()}/{kind}/{model_id('nobodys')}"
            assert ask(address)[0] == 404
        assert ask(f"{server.url}{addresses.live()}/models/{model_id('classic')}")[0] == 200
    finally:
        server.close()


def test_a_failure_in_a_browser_is_logged(server):
    report = {"component": "some/component", "message": "it broke\nFAKE LINE"}
    assert ask(f"{server.url}/failures", json.dumps(report).encode())[0] == 204
    wait_until(lambda: "'some/component' failed: 'it broke\\nFAKE LINE'" in server.log())


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"component": 1}'])
def test_what_is_no_report_is_refused(server, body):
    assert ask(f"{server.url}/failures", body)[0] in (400, 405)


def test_a_report_that_is_too_large_is_refused(server):
    assert ask(f"{server.url}/failures", b"x" * 5000)[0] == 413


def test_addresses_that_somebody_may_type_lead_to_a_page(server, browser):
    for path, page in (("draw?use=classic", "Draw"), ("how-it-works/1", "How it works")):
        with visit(browser, f"{server.url}/{path}") as tab:
            tab.locator("h1[aria-current=page]", has_text=page).wait_for()
            assert tab.title() == f"{page} · VAE Lab"
            assert tab.get_by_role("dialog").count() == 0


def test_a_direct_link_asks_for_nothing_that_is_missing(cold_server, browser):
    page = browser.new_page()
    failed = []
    page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    for name, title in PAGES.items():
        page.goto(f"{cold_server.url}/{name}")
        page.locator("h1[aria-current=page]", has_text=title).wait_for()
    page.close()
    assert not failed


def test_the_app_works_below_a_path(home, browser):
    server = Server(home, STREAMLIT_SERVER_BASE_URL_PATH="lab")
    try:
        with visit(browser, f"{server.url}/lab/generate") as page:
            page.locator(".grid[data-drawn]").wait_for()
            page.get_by_role("link", name="Explore").first.click()
            page.get_by_text("component 1").first.wait_for()
            assert page.url == f"{server.url}/lab/explore"
    finally:
        server.close()
