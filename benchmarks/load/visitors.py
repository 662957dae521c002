"""Visitors of three kinds, as sessions: what each does, and how long it waits for the server."""

import asyncio
import math
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from websockets import WebSocketException

from benchmarks.load.session import Session, connect
from ui.generate import slider_sync
from vae.runs.log import RunLog
from vae.runs.run import Run
from vae.training.progress import Point

RAMP = 20
"""Seconds in which the visitors come."""

_PAGE_ACTIONS = 10
"""A player does one thing for which the whole page runs in this number of actions."""

EPOCH = float(int(time.time()) - 1)
"""What the times of `write_points` count from, seconds since 1970."""

_DIGITS = [
    [[(140, 40), (140, 240)]],
    [[(70, 60), (200, 60), (130, 230)]],
    [[(110, 50), (80, 150), (200, 150)], [(170, 60), (165, 240)]],
]
"""A 1, a 7 and a 4, as the corners of their strokes."""


@dataclass
class Figures:
    """What visitors have noted; times in seconds.

    Attributes:
        opened: until a page was there, for each visitor.
        acted: when each action was done.
        answered: when each that needs the server was answered, and how long that took.
        errors: one sentence each.
    """

    opened: list[float] = field(default_factory=list)
    acted: list[float] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """Someone who acts on a page after pauses of random length, `pause` seconds on average."""

    page, pause = "", 1.0

    def __init__(self, session: Session, rng: random.Random) -> None:
        self.session, self.rng = session, rng
        self.acts_at = 0.0

    async def arrive(self) -> None:
        """What the browser reports once the page is there."""
        self.wait()

    def wait(self) -> None:
        """Set when the next action is due."""
        self.acts_at = time.monotonic() + self.rng.expovariate(1 / self.pause)

    def leave(self) -> None:
        """The tab is closed."""

    def due(self) -> float:
        """When the browser has something to do, in the time of `time.monotonic`."""
        return self.acts_at

    async def act(self) -> tuple[bool, float | None]:
        """Do what is due.

        Returns:
            Whether it was an action of the visitor, and seconds until the server's answer; None
            if the browser needs none.
        """
        self.wait()
        return True, await self.do()

    async def do(self) -> float | None:
        """Act: seconds until the server's answer."""
        raise NotImplementedError


class Player(Visitor):
    """Turns knobs on Generate, and at times chooses another seed.

    As in a browser, the server is informed of turned knobs with the next request, at the latest
    when they have rested for some seconds (`ui/generate/slider_sync.js`).
    """

    page, pause = "generate", 2.0
    rested_at = math.inf

    def due(self) -> float:
        """As in `Visitor`; also when the knobs have rested."""
        return min(self.acts_at, self.rested_at)

    async def act(self) -> tuple[bool, float | None]:
        """As in `Visitor`."""
        if self.rested_at > self.acts_at:
            return await super().act()
        self.rested_at = math.inf
        return False, await self.session.trigger("slider_sync", "turned", True)

    async def do(self) -> float | None:
        """Turn a knob, which the browser answers, or choose a seed."""
        if self.rng.randrange(_PAGE_ACTIONS) == 0:
            return await self.session.change("seed", int_value=self.rng.randrange(10_000))
        knob, value = f"z{self.rng.randrange(10)}", self.rng.randrange(-30, 31) / 10
        self.rested_at = time.monotonic() + slider_sync.REST
        return await self.session.change(knob, double_array_value=[value])


class Drawer(Visitor):
    """Draws digits, stroke by stroke."""

    pause = 3.0

    def __init__(self, session: Session, rng: random.Random) -> None:
        super().__init__(session, rng)
        self.strokes: list[dict[str, Any]] = []
        """What the canvas will report of the present digit, the next stroke first."""

    async def do(self) -> float | None:
        """End a stroke."""
        if not self.strokes:
            digit, shift = self.rng.randrange(len(_DIGITS)), self.rng.randrange(-3, 4)
            self.strokes = _reports(digit, 10 * shift)[:]
        drawing = self.strokes.pop(0)
        return await self.session.report("canvas", drawing=drawing, backgroundFit=None)


class Watcher(Visitor):
    """Has the Train page open, and hears of what happens to its run."""

    page = "train"
    stream: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def arrive(self) -> None:
        """Have the events of the run sent."""
        host, _, port = self.session.url.removeprefix("http://").partition(":")
        self.stream, self.writer = await asyncio.open_connection(host, int(port))
        run = self.session.query["run"][0]
        self.writer.write(
            f"GET /runs/{run}/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
        )

    def leave(self) -> None:
        """End the events."""
        self.writer.close()

    def due(self) -> float:
        """At once: it waits for an event."""
        return time.monotonic()

    async def do(self) -> float:
        """Wait for the next point of the curve, whose speed says when it was written."""
        while True:
            line = await self.stream.readline()
            if not line:
                raise OSError("The events have ended.")
            if written := _WRITTEN.search(line):
                return time.time() - EPOCH - int(written[1].replace(b",", b"")) / 1000


_WRITTEN = re.compile(rb"([\d,]+) images/s")


def write_points(run: Run, seconds: float) -> None:
    """Write what a quick training writes: ten points a second, an epoch every ten."""
    log = RunLog(run.id, run.folder)
    log.worker_started()
    steps = run.params.steps_per_epoch()
    log.training_started(1, 0, steps, run.params.epochs)
    end = time.time() + seconds
    number = 0
    while time.time() < end:
        epoch, part = divmod(number, 100)
        step = (part + 1) * steps // 100
        milliseconds = int(1000 * (time.time() - EPOCH))
        log.point(Point(epoch + 1, step, steps, 9.0, 5.0, 3.0, 0.1, milliseconds))
        number += 1
        time.sleep(0.1)


KINDS: dict[str, type[Visitor]] = {"play": Player, "draw": Drawer, "watch": Watcher}


async def visit(
    kind: str, url: str, number: int, query: str, wait: float, end: float, figures: Figures
) -> None:
    """Open a page, act on it until it is time to leave, and note what happens.

    Args:
        kind: one of `KINDS`.
        url: of the app.
        number: of the visitor, from which what it does at random follows.
        query: of the page's address.
        wait: seconds until it comes.
        end: when it leaves, in the time of `time.monotonic`.
        figures: where it notes what happens.
    """
    await asyncio.sleep(wait)
    try:
        async with connect(url) as session:
            visitor = KINDS[kind](session, random.Random(number))
            figures.opened.append(await session.open(visitor.page, query))
            await visitor.arrive()
            while (due := visitor.due()) < end:
                await asyncio.sleep(due - time.monotonic())
                is_action, seconds = await visitor.act()
                now = time.monotonic()
                if is_action:
                    figures.acted.append(now)
                if seconds is not None:
                    figures.answered.append((now, seconds))
            await asyncio.sleep(end - time.monotonic())
            visitor.leave()
            figures.errors += session.exceptions
    except TimeoutError:
        figures.errors.append("no answer")
    except (OSError, WebSocketException) as error:
        figures.errors.append(f"{type(error).__name__}: {error}")


def milliseconds(seconds: Sequence[float], *shares: float) -> str:
    """For each share, the time below which this share of all times is."""
    ordered = sorted(seconds) or [math.nan]
    times = (1000 * ordered[int(share * (len(ordered) - 1))] for share in shares)
    return " / ".join(f"{time:,.0f}" for time in times)


@cache
def _reports(digit: int, shift: int) -> list[dict[str, Any]]:
    """What the canvas reports after each stroke of a digit that lies `shift` to the right."""
    moved = [[(x + shift, y) for x, y in corners] for corners in _DIGITS[digit]]
    paths = [
        [["M", *points[0]], *(["Q", *point, *point] for point in points[:-1]), ["L", *points[-1]]]
        for points in moved
    ]
    objects = [{"type": "Path", "path": path} for path in paths]
    return [{"raw": {"objects": objects[: i + 1]}, "data": None} for i in range(len(objects))]
