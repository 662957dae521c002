"""Requests and tabs of browsers without a browser."""

import http.client
import socket
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit

from conftest import TIMEOUT
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


def ask(url, path="/", method="GET", body=None, context=None, **headers):
    """The answer to a request, with its content as `text`."""
    parts = urlsplit(url)
    https = {"context": context} if context else {}
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    with closing(kind(parts.hostname, parts.port, timeout=TIMEOUT, **https)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        answer.text = answer.read()
    return answer


def cookie_of(answer):
    """The visitor's cookie in an answer, as a browser would send it."""
    kept = answer.headers.get_all("Set-Cookie") or []
    (cookie,) = [text.split(";")[0] for text in kept if "vae_visitor" in text]
    return cookie


@contextmanager
def tab(url, session_id="", origin=None, host="", context=None, **headers):
    """A tab of the app; one that goes on with a session has its id."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    parts = urlsplit(url)
    with ExitStack() as stack:
        sock = None
        if host:  # Another one than it connects to.
            sock = socket.create_connection((parts.hostname, parts.port))
            stack.enter_context(sock)
        connection = connect(
            f"{parts.scheme.replace('http', 'ws')}://{host or parts.netloc}/_stcore/stream",
            origin=origin,
            subprotocols=["streamlit", "token", session_id] if session_id else ["streamlit"],
            additional_headers=named,
            max_size=None,
            ssl=context,
            sock=sock,
        )
        stack.enter_context(connection)
        yield Tab(connection)


class Tab:
    """An open tab, over Streamlit's WebSocket."""

    def __init__(self, socket):
        self.socket = socket

    def open(self, page=""):
        """Run the script for a page; the session's id."""
        message = BackMsg()
        message.rerun_script.page_name = page
        self.socket.send(message.SerializeToString())
        messages = self.until("script_finished")
        begun = next(message for message in messages if message.HasField("new_session"))
        return begun.new_session.initialize.session_id

    def until(self, kind):
        """The messages up to the first of that kind."""
        messages = []
        while not messages or not messages[-1].HasField(kind):
            messages.append(ForwardMsg.FromString(self.socket.recv(timeout=TIMEOUT)))
        return messages

    def send(self, name):
        """Send a message that is only a flag."""
        self.socket.send(BackMsg(**{name: True}).SerializeToString())


def upload(url, session_id, name, content=b"model", cookie="", context=None, **headers):
    """The answer to an upload to a session."""
    health = ask(url, "/_stcore/health", context=context)
    xsrf = health.headers["Set-Cookie"].split(";")[0]
    form = b'--part\r\nContent-Disposition: form-data; name="f"; filename="m"\r\n\r\n%b\r\n'
    headers |= {
        "Content_Type": "multipart/form-data; boundary=part",
        "X_Xsrftoken": xsrf.split("=", 1)[1],
        "Cookie": f"{xsrf}; {cookie}",
    }
    path = f"/_stcore/upload_file/{session_id}/{name}"
    return ask(url, path, "PUT", form % content + b"--part--\r\n", context, **headers)
