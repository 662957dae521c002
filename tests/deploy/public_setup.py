"""What the tests of a public server share: the whole set-up, requests and sessions."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from conftest import ROOT, TIMEOUT, wait_until
from leftovers import processes
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

PER_ADDRESS = 40
"""Pages open at once."""


class Public:
    """`python -m deploy.public` with two servers and a home of its own."""

    def __init__(self, home, environment):
        self.home = home
        self.port, *self.servers = free_ports()
        self.host = f"localhost:{self.port}"
        self.origin = f"http://{self.host}"
        with (home / "public.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "deploy.public", "--origin", self.origin),
                    *("--processes", "2", "--first-port", str(self.servers[0])),
                    *("--per-address", str(PER_ADDRESS)),
                ],
                cwd=ROOT,
                env=os.environ | environment | {"VAE_HOME": str(home)},
                stdout=log,
                stderr=log,
            )

    def await_server(self, number):
        """Wait until a server, 1 or 2, answers."""

        def answers():
            assert self.process.poll() is None, self.log()
            try:
                answer = self.get("/_stcore/health", {"Cookie": f"vae_server={number}"})
            except OSError:
                return False
            return answer.status == 200 and not assigned(answer)

        wait_until(answers)

    def request(self, method, path, headers=None, body=None, port=None):
        """The answer to a request, with its text as `text`."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        connection.request(method, path, body, {"Host": self.host} | (headers or {}))
        answer = connection.getresponse()
        answer.text = answer.read()
        connection.close()
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, headers)

    @contextmanager
    def session(self, server=None, own=True, host=None, port=None):
        """A tab of a browser that has been given a server.

        `own` is its origin if it is another one, or False for none; `port` that of a server
        behind nginx.
        """
        with connect(
            f"ws://{host or self.host}/_stcore/stream",
            origin=(self.origin if own is True else own) or None,
            subprotocols=["streamlit"],
            additional_headers={"Cookie": f"vae_server={server}"},
            compression=None,
            max_size=None,
            sock=socket.create_connection(("127.0.0.1", port or self.port)),
        ) as tab:
            yield Session(tab)

    def pid(self, number):
        """The process of a server: 1 or 2."""
        return self.child(f"--server.port={self.servers[number - 1]}")

    def child(self, argument):
        """The process with this argument in its command; None if there is none."""
        commands = processes(self.home).items()
        return next((pid for pid, command in commands if argument in command), None)

    def log(self):
        """What nginx, the servers and what keeps them alive have printed."""
        return (self.home / "public.log").read_text()

    def memory_mb(self):
        """The resident memory of both servers."""
        sizes = [
            int(Path(f"/proc/{self.pid(number)}/statm").read_text().split()[1]) for number in (1, 2)
        ]
        return sum(sizes) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


def assigned(answer):
    """The number of the server that a browser is given, if it is given another one."""
    cookies = answer.headers.get_all("Set-Cookie") or []
    return next((text[11] for text in cookies if text.startswith("vae_server=")), None)


class Session:
    """A tab without a browser, over Streamlit's WebSocket."""

    def __init__(self, tab):
        self._tab = tab

    def open(self, page=""):
        """Run the script for a page; the session's id."""
        message = BackMsg()
        message.rerun_script.page_name = page
        self._tab.send(message.SerializeToString())
        messages = self.until("script_finished")
        return next(
            message.new_session.initialize.session_id
            for message in messages
            if message.HasField("new_session")
        )

    def until(self, kind):
        """The messages up to the first of that kind."""
        messages = []
        while not messages or not messages[-1].HasField(kind):
            messages.append(ForwardMsg.FromString(self._tab.recv(timeout=TIMEOUT)))
        return messages

    def request(self, name):
        """Send a message that is only a flag."""
        self._tab.send(BackMsg(**{name: True}).SerializeToString())


def free_ports():
    """A port, and two that follow each other."""
    while True:
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            one.bind(("127.0.0.1", 0))
            two.bind(("127.0.0.1", 0))
            try:
                three.bind(("127.0.0.1", two.getsockname()[1] + 1))
            except OSError:
                continue
            return [sock.getsockname()[1] for sock in (one, two, three)]
