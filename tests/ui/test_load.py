"""The visitors of benchmarks.load, against the real server."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

from benchmarks.load.session import connect
from benchmarks.load.visitors import Drawer, Player


def arrived(kind, server, act):
    """What `act` returns for a visitor whose page is open."""

    async def visit():
        async with connect(server.url) as session:
            visitor = kind(session, random.Random(1))
            assert await session.open(visitor.page) > 0
            await visitor.arrive()
            result = await act(visitor)
            assert not session.exceptions
            return result

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, visit()).result()


def test_a_player_turns_knobs_that_come_with_the_next_request(server):
    async def play(player):
        session = player.session
        turned = [await session.change(f"z{i}", double_array_value=[1.5]) for i in range(3)]
        assert turned == [None] * 3, "the browser keeps them"
        assert await session.change("seed", int_value=7) > 0
        return session.texts

    texts = arrived(Player, server, play)
    assert any("1.5, 1.5, 1.5" in text and "seed=7" in text for text in texts)


def test_a_drawer_is_answered(server):
    async def draw(drawer):
        for _ in range(2):
            assert await drawer.do() > 0
        return drawer.session.texts

    texts = arrived(Drawer, server, draw)
    assert any("It is a" in text for text in texts)
