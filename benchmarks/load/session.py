"""A tab of a browser without the browser: Streamlit's own messages over a WebSocket.

Does what Streamlit's client in JavaScript does as far as the server is concerned: it sends the
values of all widgets with each request, names the large messages that it has kept, so that they
are not sent again, and has fragments run again at their intervals.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

TIMEOUT = 60
"""Seconds after which an answer counts as missing."""

_contents: dict[str, Delta] = {}
"""What kept messages contain, by their hash: the same for all clients."""


class Widget(NamedTuple):
    """A widget or a component: its message, and the fragment in which it is, or ""."""

    proto: Any
    fragment: str


class Kept(NamedTuple):
    """A message that the client keeps: the run that used it last, and its fragment."""

    run: int
    fragment: str


@asynccontextmanager
async def connect(url: str) -> AsyncIterator["Session"]:
    """A new tab of the app at http://HOST:PORT, which is closed at the end."""
    async with websockets.connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        origin=url,
        subprotocols=["streamlit"],
        max_size=None,
        open_timeout=TIMEOUT,
        ping_interval=None,
        compression=None,
    ) as socket:
        yield Session(socket, url)


class Session:
    """An open tab. Every request returns the seconds until the server has answered it in full.

    Requests raise TimeoutError after `TIMEOUT` seconds, and WebSocketException if the server
    closes the connection.

    Attributes:
        widgets: what is on the page, by the keys of the widgets.
        intervals: of the fragments that run again by themselves, seconds by their ids.
        texts: Markdown and code in the answer to the last request.
        exceptions: the messages of all exceptions that the page has shown.
        received: bytes.
        url: of the app.
        query: of the page's address.
    """

    def __init__(self, socket: websockets.ClientConnection, url: str) -> None:
        self.widgets: dict[str, Widget] = {}
        self.intervals: dict[str, float] = {}
        self.texts: list[str] = []
        self.exceptions: list[str] = []
        self.received = 0
        self._socket, self.url = socket, url
        self._page, self._page_hash = "", ""
        self.query: dict[str, list[str]] = {}
        self._states: dict[str, WidgetState] = {}
        self._shown: set[str] = set()
        self._kept: dict[str, Kept] = {}
        self._runs, self._max_age = 0, 0

    async def open(self, page: str = "", query: str = "") -> float:
        """Open a page by its path, which is its name; the query is without "?"."""
        self._page, self._page_hash, self.query = page, "", parse_qs(query)
        return await self._rerun()

    async def change(self, key: str, **value: Any) -> float | None:
        """Give a widget a value: a field of `WidgetState` and its content; an array as a list.

        Returns None if nothing is sent: some values go to the server with the next request.
        """
        widget = self.widgets[key]
        self._states[widget.proto.id] = _state(widget.proto.id, **value)
        if parameter := getattr(widget.proto, "query_param_key", ""):
            self.query[parameter] = [str(part) for part in _parts(*value.values())]
        if getattr(widget.proto, "ignore_rerun", False):
            return None
        return await self._rerun(widget.fragment)

    async def click(self, key: str) -> float:
        """Press a button."""
        widget = self.widgets[key]
        return await self._rerun(widget.fragment, _state(widget.proto.id, trigger_value=True))

    async def report(self, key: str, **values: Any) -> float | None:
        """Have a component set values of its state."""
        return await self.change(key, json_value=json.dumps(values))

    async def trigger(self, key: str, event: str, value: Any) -> float:
        """Have a component send a trigger."""
        widget = self.widgets[key]
        events = json.dumps([{"event": event, "value": value}])
        name = f"$$STREAMLIT_INTERNAL_KEY_{widget.proto.id}__events"
        return await self._rerun(widget.fragment, _state(name, json_trigger_value=events))

    async def tick(self, fragment: str) -> float:
        """Have a fragment run because its interval is over."""
        return await self._rerun(fragment, is_tick=True)

    async def _rerun(self, fragment: str = "", *triggers: WidgetState, is_tick=False) -> float:
        message = BackMsg()
        client = message.rerun_script
        client.query_string = urlencode(self.query, doseq=True)
        client.page_script_hash = self._page_hash
        client.page_name = "" if self._page_hash else self._page
        client.fragment_id, client.is_auto_rerun = fragment, is_tick
        client.widget_states.widgets.extend([*self._states.values(), *triggers])
        client.cached_message_hashes.extend(self._kept)
        client.context_info.timezone, client.context_info.locale = "UTC", "en-US"
        client.context_info.url = f"{self.url}/{self._page}"
        if not fragment:
            self.intervals.clear()
        self._shown.clear()
        self.texts.clear()
        began = time.perf_counter()
        async with asyncio.timeout(TIMEOUT):
            await self._socket.send(message.SerializeToString())
            while not self._ends(await self._receive()):
                pass
        seconds = time.perf_counter() - began
        self._runs += 1
        self._forget(fragment)
        return seconds

    async def _receive(self) -> ForwardMsg:
        data = await self._socket.recv()
        self.received += len(data)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._take(message.delta)
            if message.metadata.cacheable:
                self._kept[message.hash] = Kept(self._runs, message.delta.fragment_id)
                _contents[message.hash] = message.delta
        elif kind == "ref_hash":
            self._kept[message.ref_hash] = self._kept[message.ref_hash]._replace(run=self._runs)
            self._take(_contents[message.ref_hash])
        elif kind == "new_session":
            self._max_age = message.new_session.config.max_cached_message_age
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self.intervals[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.intervals.pop(fragment, None)
        elif kind == "page_info_changed":
            self.query = parse_qs(message.page_info_changed.query_string)
        return message

    def _take(self, delta: Delta) -> None:
        """Note an element."""
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        proto = getattr(delta.new_element, kind)
        if kind == "exception":
            self.exceptions.append(proto.message)
        elif kind == "markdown":
            self.texts.append(proto.body)
        elif kind == "code":
            self.texts.append(proto.code_text)
        if not (name := getattr(proto, "id", "")):
            return
        self.widgets[name.split("-", 2)[2]] = Widget(proto, delta.fragment_id)
        self._shown.add(name)
        if (value := _initial(kind, proto)) and (name not in self._states or proto.set_value):
            self._states[name] = _state(name, **value)

    def _ends(self, message: ForwardMsg) -> bool:
        """Whether this is the last message of an answer."""
        return (
            message.WhichOneof("type") == "script_finished"
            and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        )

    def _forget(self, fragment: str) -> None:
        """Forget, as a client does, what the page has no longer."""
        if not fragment:
            self._states = {k: v for k, v in self._states.items() if k in self._shown}
        self._kept = {
            name: kept
            for name, kept in self._kept.items()
            if self._runs - kept.run <= self._max_age or fragment not in ("", kept.fragment)
        }


def _state(name: str, **value: Any) -> WidgetState:
    ((field, content),) = value.items()
    state = WidgetState(id=name)
    if field.endswith("array_value"):
        getattr(state, field).data.extend(content)
    else:
        setattr(state, field, content)
    return state


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _initial(kind: str, proto: Any) -> dict[str, Any]:
    """What a widget holds that nobody has touched, as an argument of `_state`."""
    set_value = getattr(proto, "set_value", False)
    match kind:
        case "slider":
            return {"double_array_value": proto.value if set_value else proto.default}
        case "number_input":
            field = "int_value" if proto.data_type == proto.INT else "double_value"
            number = proto.value if set_value else proto.default
            return {field: int(number) if field == "int_value" else number}
        case "selectbox":
            choice = proto.raw_value if set_value else proto.options[proto.default]
            return {"string_value": choice}
        case "button_group":
            options = [proto.options[i].content for i in proto.default]
            return {"string_array_value": proto.raw_values if set_value else options}
        case "text_input":
            return {"string_value": proto.value if set_value else proto.default}
        case "checkbox":
            return {"bool_value": proto.value if set_value else proto.default}
        case _:
            return {}
