"""What uvicorn leaves open: slow and countless connections, and whom it believes their address.

It has made its settings when it imports the app, so its classes are changed.
"""

import asyncio
import os
import socket
from weakref import WeakKeyDictionary

import h11
import uvicorn.config
from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.h11_impl import H11Protocol

from vae.public.rates import network

_HEADER_SECONDS = 10
"""For the headers of a request."""

_MOST = 600
"""Of an address, those of pages included. A browser has six while it loads a page."""

_timers: WeakKeyDictionary[H11Protocol, asyncio.TimerHandle] = WeakKeyDictionary()


def send_at_once() -> None:
    """Have uvicorn's connections send each piece when it is written.

    Else the body of an answer waits for the browser to confirm its headers, for 40 ms with Linux.
    Asyncio sees to that only for sockets of another kind than Streamlit makes.
    """
    made = H11Protocol.connection_made

    def connection_made(self: H11Protocol, transport: asyncio.Transport) -> None:
        made(self, transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    H11Protocol.connection_made = connection_made  # type: ignore


def end_streams() -> None:
    """Have uvicorn not wait, when it stops, for streams of events, which never end."""
    shutdown = H11Protocol.shutdown

    def end(self: H11Protocol) -> None:
        shutdown(self)
        if not self.transport.is_closing() and self.scope["path"].endswith("/events"):
            self.transport.close()

    H11Protocol.shutdown = end  # type: ignore


def limit() -> None:
    """Have uvicorn close connections that are slow on purpose and those above `_MOST`, and believe
    no proxy but those in FORWARDED_ALLOW_IPS; by itself it believes all of this machine.
    """
    proxies = _TrustedHosts(os.environ.get("FORWARDED_ALLOW_IPS", ""))
    if not os.environ.get("FORWARDED_ALLOW_IPS"):
        uvicorn.config.ProxyHeadersMiddleware = lambda app, trusted_hosts: app  # type: ignore
    made, received = H11Protocol.connection_made, H11Protocol.data_received

    def connection_made(self: H11Protocol, transport: asyncio.Transport) -> None:
        made(self, transport)
        host = self.client[0] if self.client else ""
        others = sum(_address(other) == network(host) for other in self.connections)
        if others > _MOST and host not in proxies:
            transport.abort()
        else:
            _expect_request(self)

    def data_received(self: H11Protocol, data: bytes) -> None:
        received(self, data)
        if self.conn.their_state is not h11.IDLE:
            if timer := _timers.pop(self, None):
                timer.cancel()
        elif self not in _timers:
            _expect_request(self)

    H11Protocol.connection_made = connection_made  # type: ignore
    H11Protocol.data_received = data_received  # type: ignore


def _expect_request(connection: H11Protocol) -> None:
    close = connection.transport.close
    _timers[connection] = connection.loop.call_later(_HEADER_SECONDS, close)


def _address(connection: object) -> str:
    client = getattr(connection, "client", None)
    return network(client[0]) if client else ""
