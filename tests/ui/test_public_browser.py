"""Public mode in a browser, which keeps who its visitor is."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from browsing import visit
from conftest import Server, wait_until
from made_runs import made, own

from benchmarks.load.session import connect
from vae import settings
from vae.public import identity
from vae.runs.run import Run


@pytest.fixture(scope="module")
def public_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("public"), VAE_PUBLIC="1")
    yield server
    server.close()
    assert "Traceback" not in server.log()


def test_a_browser_keeps_who_its_visitor_is(browser, public_server, monkeypatch):
    url = public_server.url

    def kept(page):
        """The visitor's cookie, once there is one."""
        found = lambda: [c for c in page.context.cookies() if "vae" in c["name"]]  # noqa: E731
        (cookie,) = wait_until(found)
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
        run = made("annas", home=public_server.home)
        own(run, value.split(".")[0])

        # Each visit renews the cookie.
        soon = keep(anna, expires=time.time() + 3600)["expires"]
        anna.goto(f"{url}/train?run={run.id}")
        anna.get_by_text("Finished; it is saved.").wait_for()
        wait_until(lambda: kept(anna)["expires"] > soon + 3600)
        assert kept(anna)["value"] == value

        Run(run.folder).share(True)
        ben.goto(f"{url}/train?run={run.id}")
        ben.get_by_text("Finished; it is saved.").wait_for()
        Run(run.folder).share(False)  # The page is drawn anew by itself.
        ben.get_by_text(f"There is no run '{run.id}'").wait_for()

        # With an altered cookie one is somebody new.
        altered = keep(anna, value=f"{value[:-1]}{'0' if value[-1] != '0' else '1'}")["value"]
        anna.goto(f"{url}/runs")
        wait_until(lambda: kept(anna)["value"] not in (value, altered))
        assert kept(anna)["value"].split(".")[0] != value.split(".")[0]

    monkeypatch.setattr(settings, "HOME", public_server.home)  # Its key signs.
    users = identity.cookie(identity.of_user("issuer", "subject"))
    with ThreadPoolExecutor() as threads:  # Playwright has an event loop in this one.
        threads.submit(asyncio.run, claim(url, run.id, value, users)).result()


async def claim(url, run_id, cookie, users):
    """Sessions without a cookie, whose browser then says which cookie it keeps."""
    altered = f"{cookie[:-1]}x"
    for found, known in ((cookie, True), (altered, False), (users, False), ("", False)):
        async with connect(url) as session:
            await session.open("train")
            assert run_id not in session.widgets["run"].proto.options
            if found:
                await session.trigger("visitor_cookie", "found", found)
            forced = json.loads(session.widgets["visitor_cookie"].proto.json)[0]["force"]
            assert forced == (found != "" and not known)
            await session.open("train")
            assert (run_id in session.widgets["run"].proto.options) == known
