"""What the server sends of a run: its events, as they come, its pictures and its maps."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing

import pytest
from by_hand import Worker, made
from conftest import TIMEOUT, Server, in_home
from small_runs import QUICK

from ui.server import run_routes
from vae.public import identity
from vae.public.identity import EVERYONE
from vae.runs import store


class Events:
    """A browser that watches a run."""

    def __init__(self, url, run, last="", cookie=""):
        headers = {"Last-Event-ID": last, "Cookie": cookie}
        request = urllib.request.Request(f"{url}/runs/{run.id}/events", headers=headers)
        self.answer = urllib.request.urlopen(request, timeout=TIMEOUT)
        self.last, self.seen = "", Counter()

    def until(self, part, condition=lambda data: True):
        """The data of the next event of a part that is so."""
        name, deadline = "", time.monotonic() + TIMEOUT
        for line in self.answer:
            assert time.monotonic() < deadline, "waited in vain"
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "id":
                self.last = value
            elif field == "event":
                name = value
            elif field == "data":
                self.seen[name] += 1
                data = json.loads(value)
                if name == part and condition(data):
                    return data
        raise AssertionError("the stream has ended")

    def close(self):
        self.answer.close()


@pytest.fixture
def run(server):
    """A run of a server that trains, with a worker of this process."""
    with in_home(server.home):
        run = store.create(QUICK, "watched")
        worker = Worker(run).start()
        worker.epoch(0)
        yield run, worker
        worker.lock.release()
        store.delete(run.id)


def test_events_come_as_the_worker_writes_and_nothing_is_lost_between_two_connections(server, run):
    run, worker = run
    with closing(Events(server.url, run)) as events:
        worker.point(1, 5)
        assert events.until("progress", lambda data: "Epoch 1 of 2" in data["text"])["share"] > 0
        worker.epoch(1, 30.0)
        events.until("film", lambda data: data["moments"][-1][1] == "after epoch 1")
        curves = events.until("curves", lambda data: data["validatedX"] == [0, 1])
        assert curves["lines"]["loss"]["validation"][-1] == 30.0
        last = events.last
    worker.point(2, 3)
    worker.epoch(2, 20.0)
    with closing(Events(server.url, run, last)) as events:
        assert events.until("curves")["validatedX"] == [0, 1, 2], "the first event has all"
    worker.end()
    with closing(Events(server.url, run)) as events:
        assert events.until("progress", lambda data: not data["text"])["epochs"] == 3


def test_what_has_not_changed_is_not_sent_again(server, run):
    run, worker = run
    with closing(Events(server.url, run)) as kept, closing(Events(server.url, run)) as events:
        kept.until("notices")
        events.until("notices")
        with closing(Events(server.url, run, events.last or kept.last)) as again:
            worker.point(1, 5)
            again.until("progress", lambda data: "Epoch 1" in data["text"])
            assert not again.seen["film"]


def test_a_run_that_is_deleted_ends_its_stream(server):
    with in_home(server.home):
        run = made("deleted")
        with closing(Events(server.url, run)) as events:
            assert "gone" not in events.until("progress")["page"]
            store.delete(run.id)
            assert events.until("progress", lambda data: data["page"] == "gone")
            assert events.answer.read().strip() == b""
        with pytest.raises(urllib.error.HTTPError, match="404"):
            Events(server.url, run)


def test_a_run_is_read_once_for_all_who_watch_it(home, monkeypatch):
    run = made("watched")
    reads = []
    read = run_routes._Feed._read
    monkeypatch.setattr(run_routes._Feed, "_read", lambda feed: reads.append(feed) or read(feed))

    async def watch():
        stream = run_routes._stream(run.id, EVERYONE, "")
        while b"event" not in (text := await anext(stream)):
            pass
        return stream, text

    async def watch_often():
        watched = [await watch() for _ in range(20)]
        assert len({text for _, text in watched}) == 1
        for stream, _ in watched:
            await stream.aclose()

    async def ask_oddly():
        stream, _ = await watch()
        mark = run_routes._feeds[run.id].mark
        for last in (mark, f"{mark}x", f"{mark}-1", f"{mark}{'9' * 5000}", "\0", "²"):
            odd = run_routes._stream(run.id, EVERYONE, last)
            assert b"event" in await anext(odd)
            await odd.aclose()
        await stream.aclose()

    with ThreadPoolExecutor(1) as thread:  # In this one, the browser of other tests has a loop.
        thread.submit(asyncio.run, watch_often()).result()
        assert len({*reads}) == 1 and len(reads) < 5
        thread.submit(asyncio.run, ask_oddly()).result()
    assert run_routes._feeds == {}, "nothing is read any more"


def test_a_reader_that_fails_lets_its_watchers_connect_again(home, monkeypatch):
    run = made("watched")

    def fail(feed):
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as thread, monkeypatch.context() as patch:
        patch.setattr(run_routes._Feed, "_read", fail)
        with pytest.raises(ZeroDivisionError):
            thread.submit(asyncio.run, _until_event(run)).result()
        patch.undo()
        assert b"event" in thread.submit(asyncio.run, _until_event(run)).result()


async def _until_event(run):
    async with aclosing(run_routes._stream(run.id, EVERYONE, "")) as stream:
        while b"event" not in (text := await anext(stream)):
            pass
        return text


def test_what_a_visitor_may_not_see_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "1")
    with in_home(tmp_path), closing(Server(tmp_path)) as server:
        owner, other = identity.new_id(), identity.new_id()
        run = made("annas", owner=owner)
        key = run.snapshots()[-1].key
        name = identity.cookie_name(https=False)
        own, others = (f"{name}={identity.cookie(who)}" for who in (owner, other))

        def ask(what, cookie):
            request = urllib.request.Request(f"{server.url}/runs/{run.id}/{what}")
            request.add_header("Cookie", cookie)
            return urllib.request.urlopen(request, timeout=TIMEOUT)

        assert ask(f"pictures/{key}", own).read() == run.snapshots()[-1].read()
        assert "not saved" in json.load(ask(f"maps/{key}", own))["about"]
        for what in ("events", f"pictures/{key}", f"maps/{key}"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                ask(what, others)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask("pictures/0", own)
        run.share(True)
        with closing(Events(server.url, run, cookie=others)) as events:
            events.until("progress")
            run.share(False)
            assert events.until("progress", lambda data: data["page"] == "gone")


def test_a_server_stops_while_somebody_watches(cold_server):
    with in_home(cold_server.home):
        run = made("watched")
    with closing(Events(cold_server.url, run)) as events:
        events.until("progress")
        cold_server.process.terminate()
        assert cold_server.process.wait(TIMEOUT) is not None
