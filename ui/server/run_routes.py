"""What the browser fetches of a run: events while it trains, pictures and maps of its z.

The events are the parts of `ui/train/live_view.py`, each when it has changed. A run is read once
for all who watch it: see `_Feed`.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from secrets import token_hex
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ui.components.addresses import FOREVER, base
from ui.server import visitors
from ui.train import live_view, points
from vae.errors import VAELabError
from vae.files.owners import Ownership
from vae.public import access
from vae.public.identity import Visitor
from vae.runs import queue
from vae.runs.rows import has_worker, present_state, row_of
from vae.runs.run import Run

_SECONDS, _RESTING_SECONDS = 0.15, 1.0
"""Between two looks at a run that can change by itself, and at another one."""

_SILENT_SECONDS = 15
"""After so long without an event, a comment shows whether the browser is still there."""

_DIGITS = 20
"""Of the number in an event's id, fewer than these."""

_GONE = b'event: progress\ndata: {"page": "gone"}\n\n'
"""Has the page run again, which says why."""


def routes() -> list[Route]:
    """The routes, below the address of a run."""
    run = f"{base()}/runs/{{run_id}}"
    return [
        Route(f"{run}/events", _events),
        Route(f"{run}/pictures/{{key}}", _picture),
        Route(f"{run}/maps/{{key}}", _map),
    ]


async def _events(request: Request) -> Response:
    """The parts of the run as server-sent events; 404 as `_run`."""
    visitor = visitors.of(request)
    run = await run_in_threadpool(_run, request)
    stream = _stream(run.id, visitor, request.headers.get("last-event-id", ""))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def _picture(request: Request) -> Response:
    """What the model drew at a moment, a PNG file."""
    run = _run(request)
    try:
        png = run.snapshot(request.path_params["key"]).read()
    except VAELabError as error:
        raise HTTPException(404, str(error)) from None
    return Response(png, media_type="image/png", headers={"Cache-Control": f"private, {FOREVER}"})


def _map(request: Request) -> Response:
    """Where test images lay at a moment: see `ui.train.points.message`."""
    run = _run(request)
    try:
        content = points.message(run.snapshot(request.path_params["key"]), run.params)
    except VAELabError as error:
        return JSONResponse({"about": str(error)}, headers={"Cache-Control": "no-store"})
    return JSONResponse(content, headers={"Cache-Control": f"private, {FOREVER}"})


def _run(request: Request) -> Run:
    """The run that is asked for.

    Raises:
        HTTPException: 404, if the visitor sees none of that id.
    """
    try:
        return access.run(visitors.of(request), request.path_params["run_id"])
    except VAELabError as error:
        raise HTTPException(404, str(error)) from None


class _Feed:
    """The events of one run, made once for all of its watchers.

    Attributes:
        changed: set when there is something new; then there is another one.
        parts: of each part the number, the content and the text of the newest event.
        mark: what the ids of its events begin with, before their numbers.
        ownership: to whom the run belongs; None once it is gone.
        watchers: how many there are.
        following: reads the run.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._key: Any = None
        self.changed = asyncio.Event()
        self._seconds = _SECONDS
        self.parts: dict[str, tuple[int, str, bytes]] = {}
        self.mark = f"{token_hex(4)}-"
        self._number = 0
        self.ownership: Ownership | None = Ownership()
        self.watchers = 0
        self.following = asyncio.create_task(self._follow())
        self.following.add_done_callback(lambda _: self.changed.set())

    async def _follow(self) -> None:
        while self.ownership is not None:
            if await run_in_threadpool(self._read):
                self.changed.set()
                self.changed = asyncio.Event()
            await asyncio.sleep(self._seconds)

    def _read(self) -> bool:
        """Read the run if it has changed; returns whether it has."""
        try:
            row = row_of(self._run_id)
            state = present_state(row)
            place = queue.position(row.id) if state == "queued" else 0
            key = (row, state, has_worker(row.id), place)
            if key == self._key:
                return False
            run = Run(row)
            status = run.status()
            parts = live_view.live_parts(run, status)
        except VAELabError:
            self.ownership = None
            return True
        self._key, self.ownership = key, run.ownership
        self._seconds = _SECONDS if status.may_change else _RESTING_SECONDS
        for part, data in parts.items():
            content = json.dumps(data)
            if part not in self.parts or self.parts[part][1] != content:
                self._number += 1
                text = f"id: {self.mark}{self._number}\nevent: {part}\ndata: {content}\n\n"
                self.parts[part] = self._number, content, text.encode()
        return True


_feeds: dict[str, _Feed] = {}


async def _stream(run_id: str, visitor: Visitor, last: str) -> AsyncIterator[bytes]:
    """The events of a run from the newest of each part on, as long as the visitor sees it.

    Args:
        run_id: of the run.
        visitor: who watches.
        last: the id of the last event that the browser had from an earlier connection.
    """
    feed = _feeds[run_id] = _feeds.get(run_id) or _Feed(run_id)
    number = last.removeprefix(feed.mark)
    known = last.startswith(feed.mark) and number.isdecimal() and len(number) < _DIGITS
    seen = int(number) if known else 0
    feed.watchers += 1
    try:
        while True:
            changed = feed.changed
            if feed.ownership is None or (
                feed.parts and not access.may_see(visitor, feed.ownership)
            ):
                yield _GONE
                return
            if feed.following.done():  # It has failed; the browser connects again.
                feed.following.result()
            new = sorted((number, text) for number, _, text in feed.parts.values() if number > seen)
            yield b"".join(text for _, text in new) or b": still here\n\n"
            seen = max([seen, *(number for number, _ in new)])
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), _SILENT_SECONDS)
    finally:
        feed.watchers -= 1
        if not feed.watchers:
            feed.following.cancel()
            _feeds.pop(run_id, None)
