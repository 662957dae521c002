"""Components that run in the browser: one .js and one .css file each, plain, without a build step.

A file imports another as any module does, `import { model } from "./hub.js"`. Streamlit takes a
component as a single text, so `component` puts the imported files in front.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent

_IMPORT = re.compile(r'^import\b[^"]*"\./(\w+\.js)";?\n', re.MULTILINE)


def source(name: str) -> str:
    """The file NAME.js with the text of all files that it imports in front, each once."""
    texts: dict[str, str] = {}

    def add(file: str) -> None:
        if file in texts:
            return
        text = (FOLDER / file).read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            add(imported)
        texts[file] = _IMPORT.sub("", text)

    add(f"{name}.js")
    return "".join(texts.values())


def component(
    name: str, html: str = "<div></div>", isolate_styles: bool = True
) -> Callable[..., Any]:
    """Register the component of NAME.js and, if there is one, NAME.css."""
    style = FOLDER / f"{name}.css"
    return st.components.v2.component(
        f"vae_lab_{name}",
        html=html,
        css=style.read_text(encoding="utf-8") if style.exists() else None,
        js=source(name),
        isolate_styles=isolate_styles,
    )
