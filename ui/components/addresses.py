"""The addresses below which the server answers, and the digest that changes with the modules."""

import hashlib
from functools import cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parent.parent
"""Where the modules of the browser lie."""

FOREVER = "max-age=31536000, immutable"
"""How long a browser may keep what has a digest in its address."""


def base() -> str:
    """The path below which the app lies: empty, or for example "/lab" (`server.baseUrlPath`)."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""


@cache
def modules() -> dict[str, bytes]:
    """The text of each module by its path below `FOLDER`: "draw/stages.js"."""
    return {
        file.relative_to(FOLDER).as_posix(): file.read_bytes()
        for file in sorted(FOLDER.rglob("*.js"))
    }


@cache
def live() -> str:
    """The path of the folder with the modules; another one if a module has changed."""
    digest = hashlib.sha256()
    for name, text in modules().items():
        digest.update(f"{name} {len(text)} ".encode() + text)
    return f"{base()}/live/{digest.hexdigest()[:16]}"
