"""Components that run in the browser: one .js and one .css file each, plain, without a build step.

A file imports another as any module does, `import { model } from "./hub.js"`. Streamlit takes a
component as a single text, so `component` puts the imported files in front. A style can begin with
`@import "./shared.css";` in the same way.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).resolve().parent

_IMPORT = re.compile(r'^import\b[^"]*"(\.[\w./]+)";?\n', re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import "(\.[\w./]+)";\n', re.MULTILINE)


def source(name: str) -> str:
    """The file NAME.js with the text of all files that it imports in front, each once."""
    texts: dict[Path, str] = {}

    def add(file: Path) -> None:
        if file in texts:
            return
        text = file.read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            add((file.parent / imported).resolve())
        texts[file] = _IMPORT.sub("", text)

    add(FOLDER / f"{name}.js")
    return "".join(texts.values())


def component(name: str, html: str = "<div></div>") -> Callable[..., Any]:
    """Register the component of NAME.js and, if there are such files, NAME.css and NAME.html.

    If its code cannot be loaded, or its default function throws, it triggers `failed`.

    Args:
        name: of the files without their ending, in a folder of this package: "draw/stages".
        html: what the component finds in its element, if there is no file of it.
    """
    style, content = _style(FOLDER / f"{name}.css"), _text(FOLDER / f"{name}.html")
    code = json.dumps(source(name), ensure_ascii=False)
    guard = (FOLDER / "guard.js").read_text(encoding="utf-8")
    return st.components.v2.component(
        f"vae_lab_{name.replace('/', '_')}",
        html=content or html,
        css=style,
        js=guard.replace("[CODE]", f"[{code}]"),
    )


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
