"""What the server does before it answers: it decides who may use it, and imports the first page."""

import asyncio
import gc
import inspect
import ipaddress
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from ui.components.addresses import base
from ui.server import connections
from ui.server.guard import Guard
from ui.server.messages import Messages
from ui.server.visitors import Visitors
from vae import database, settings
from vae.data.mnist import first_test_examples
from vae.errors import VAELabError
from vae.public.quotas import QUOTAS
from vae.runs import dispatcher

_FIRST_PAGE = (
    "ui.shell.header",
    "ui.draw.drawing_link",
    "ui.draw.answer",
    "ui.draw.examples",
    "ui.draw.stages",
    "ui.components.copy_link",
    "PIL.PngImagePlugin",
    "scipy.ndimage",
)
"""Modules of the first page and of its first drawing."""

_WATCHDOG_SECONDS = 10

_DISPATCHER_SECONDS = 5
"""Between two looks whether runs wait for a dispatcher."""


def middleware() -> list[Middleware]:
    """What a request passes before a route.

    A server that other machines can reach is in public mode, unless VAE_PUBLIC says otherwise.
    """
    of_this_machine = _is_of_this_machine(st.get_option("server.address"))
    os.environ["VAE_PUBLIC"] = os.environ.get("VAE_PUBLIC") or ("0" if of_this_machine else "1")
    connections.send_at_once()
    connections.end_streams()
    if not settings.public():
        return [Middleware(Guard)]
    connections.limit()
    guard = Middleware(Guard, public=True, upload_bytes=QUOTAS.upload_megabytes * 10**6)
    return [guard, Middleware(Visitors), Middleware(Messages)]


def _is_of_this_machine(address: str | None) -> bool:
    """Whether only this machine reaches a server at this address; without one, all do."""
    try:
        return address == "localhost" or ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Import what the first page needs and spare it from garbage collection.

    The interval at which threads take turns stays Python's default of 5 ms. With 0.5 ms the slowest
    twentieth of 50 visitors' turns took as long on an idle machine (0.16 s against 0.13 to 0.15 s),
    and 1.2 s instead of 0.3 s on a busy one.
    """
    for name in _FIRST_PAGE:
        import_module(name)
    first_test_examples()
    try:
        database.engine()
    except VAELabError as error:  # The pages say so, too.
        print(error, file=sys.stderr)
    inspect.stack()  # Streamlit does, once; with this many modules it takes Python 0.1 s at first.
    gc.collect()
    gc.freeze()
    if settings.public() and sys.stdout.isatty():
        _print_address()
    tasks = [asyncio.create_task(task()) for task in (_report_to_systemd, _keep_dispatching)]
    yield
    for task in tasks:
        task.cancel()


def _print_address() -> None:
    """Print by which address others reach the app, also as a QR code for a class."""
    import segno

    address = next(iter(os.environ.get("VAE_ORIGIN", "").split()), "")
    if not address:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # Nothing is sent: it only chooses the own address.
            scheme = "https" if st.get_option("server.sslCertFile") else "http"
            host, port = probe.getsockname()[0], st.get_option("server.port")
            address = f"{scheme}://{host}:{port}{base()}"
    if address:
        print(f"\n  Others reach it at {address}\n", flush=True)
        segno.make(address).terminal(compact=True)


async def _keep_dispatching() -> None:
    """Start the dispatcher when runs wait and there is none, as after a restart of the server."""

    def keep() -> None:
        with suppress(VAELabError, OSError):  # Train says what is wrong.
            if dispatcher.is_needed():
                dispatcher.ensure_dispatcher()

    while True:
        await run_in_threadpool(keep)
        await asyncio.sleep(_DISPATCHER_SECONDS)


async def _report_to_systemd() -> None:
    """Tell systemd, if it has started the server, that it is ready and does not hang."""
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect(path.replace("@", "\0", 1))
            while True:
                notify.send(b"READY=1\nWATCHDOG=1")
                await asyncio.sleep(_WATCHDOG_SECONDS)
