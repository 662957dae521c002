"""Clients that are slow on purpose, or read nothing: what a server keeps for them is bounded."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import wraps

import pytest
import uvicorn
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from uvicorn.protocols.http.h11_impl import H11Protocol

from ui.server import connections, guard, messages


def in_a_thread(test):
    """Run a coroutine in a thread of its own: Playwright has an event loop in this one."""

    @wraps(test)
    def run(*arguments, **named):
        with ThreadPoolExecutor() as threads:
            threads.submit(asyncio.run, test(*arguments, **named)).result()

    return run


@pytest.fixture
def limited(monkeypatch):
    """`connections.limit`, until the end of the test."""
    for name in ("connection_made", "data_received"):
        monkeypatch.setattr(H11Protocol, name, getattr(H11Protocol, name))
    monkeypatch.setattr(uvicorn.config, "ProxyHeadersMiddleware", None)
    monkeypatch.setattr(connections, "_HEADER_SECONDS", 0.1)
    monkeypatch.setattr(connections, "_MOST", 3)
    connections.send_at_once()
    connections.limit()


@asynccontextmanager
async def serving(app):
    """The port of a server in this process."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        task = asyncio.create_task(server._serve([listening]))
        while not server.started:
            await asyncio.sleep(0)
        yield listening.getsockname()[1]
        server.should_exit = True
        await task


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@in_a_thread
async def test_half_a_request_is_not_waited_for(limited):
    async with serving(PlainTextResponse("here")) as port:
        for first in (b"", REQUEST + b"\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(first)
            if first:
                await reader.readuntil(b"here")
            writer.write(REQUEST)
            assert await reader.read() == b""
            writer.close()


@in_a_thread
async def test_an_address_has_few_connections(limited, monkeypatch):
    monkeypatch.setattr(connections, "_HEADER_SECONDS", 60)
    async with serving(PlainTextResponse("here")) as port:
        ends = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        assert await ends[-1][0].read() == b""
        ends[0][1].write(REQUEST + b"\r\n")
        await ends[0][0].readuntil(b"here")
        for _, writer in ends:
            writer.close()


@in_a_thread
async def test_a_body_that_stays_away_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(guard, "_PART_SECONDS", 0.01)
    parts = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def receive():
        return next(parts, None) or await asyncio.Event().wait()

    bounded = guard._bounded_receive(receive, 10)
    assert (await bounded())["body"] == b"x"
    with pytest.raises(HTTPException, match="408"):
        await bounded()


@in_a_thread
async def test_who_reads_nothing_has_little_kept_for_them():
    class Unread:
        headers, cookies, client = {}, {}, None

        async def send_bytes(self, payload):
            await asyncio.Event().wait()

    client = messages._ReadingClient(Unread())
    message = ForwardMsg(ref_hash="x" * 1_000_000)
    with pytest.raises(SessionClientDisconnectedError):
        for _ in range(messages._WAITING_BYTES // 1_000_000 + 3):
            client.write_forward_msg(message)
            await asyncio.sleep(0)
    assert client._send_queue.empty()
    with pytest.raises(SessionClientDisconnectedError):
        client.write_forward_msg(message)
    await client.aclose()


@in_a_thread
async def test_a_large_answer_waits_for_its_reader():
    sent = 0

    async def app(scope, receive, send):
        nonlocal sent

        async def counted(message):
            nonlocal sent
            await send(message)
            sent += len(message.get("body", b""))

        await guard.Guard(PlainTextResponse(b"x" * 50_000_000))(scope, receive, counted)

    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(REQUEST + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.05)
        assert sent < 20_000_000
        total = 0
        while total < 50_000_000:
            total += len(await reader.read(1 << 20))
        writer.close()
