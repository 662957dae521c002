"""Components that run in the browser: a module NAME.js, NAME.css and NAME.html each.

The modules are served as they are (`ui/server/routes.py`) and import each other as any modules do.
The code that Streamlit gets of a component only starts its module. A style can begin with
`@import "./shared.css";`, which is replaced by that file.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components import addresses

FOLDER = addresses.FOLDER

_STYLE_IMPORT = re.compile(r'^@import "(\.[\w./]+)";\n', re.MULTILINE)

_START = """
const starting = import(location.origin + %s)
export default (given) => {
  let close
  starting.then(({ start }) => { close = start(%s, given) }, () => {
    const bar = document.getElementById("vae-failure") || document.createElement("div")
    bar.id = "vae-failure"
    bar.textContent = "Part of this page could not be loaded. Reload the page."
    document.body.append(bar)
  })
  return () => { if (close) close() }
}
"""


def component(name: str, html: str = "<div></div>") -> Callable[..., Any]:
    """Register the component of NAME.js and, if there are such files, NAME.css and NAME.html.

    Returns what shows it: a function of the data, which JSON can hold, and of the options of
    Streamlit's components.

    If its code cannot be loaded or throws, the page says so in its place, and the server logs it.

    Args:
        name: of the files without their ending, in a folder of this package: "draw/stages".
        html: what the component finds in its element, if there is no file of it.
    """
    style, content = _style(FOLDER / f"{name}.css"), _text(FOLDER / f"{name}.html")
    start = f"{addresses.live()}/components/start.js"
    registered = st.components.v2.component(
        f"vae_lab_{name.replace('/', '_')}",
        html=content or html,
        css=style,
        js=_START % (json.dumps(start), json.dumps(name)),
    )

    def show(data: Any, **options: Any) -> Any:
        # Streamlit looks for data frames in a dict, but not in a list. For that it imports pandas,
        # which takes 0.3 s and 66 MB.
        return registered(data=[data], **options)

    return show


def triggered(key: str, trigger: str) -> Any:
    """What a component has sent with this run; for the callback of the trigger.

    None if the component is not on the page any more: the request can come after that for another
    page. An error in a callback would leave that page empty.
    """
    return getattr(st.session_state.get(key), trigger, None)


def _style(file: Path) -> str | None:
    """The file with the styles that it imports in their places."""
    text = _text(file)
    return text and _STYLE_IMPORT.sub(lambda found: _style(file.parent / found[1]) or "", text)


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
