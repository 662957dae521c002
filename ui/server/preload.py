"""What a page is going to need, so that the browser fetches it while Streamlit starts."""

import posixpath
import re
from functools import cache
from html import escape
from urllib.parse import quote

from starlette.requests import Request

from ui.components.addresses import live, modules
from ui.server import visitors
from ui.shared import loaded_models
from ui.shared.pages import WITHOUT_MODEL
from vae.errors import VAELabError
from vae.public import access

_IMPORT = re.compile(r'^[^/*\n]*from "(\.[^"]+)"', re.MULTILINE)
"""Not of a type, in a comment."""

_EVERYWHERE = ("shell/", "components/copy_link.js")


def links(page: str, request: Request) -> str:
    """The links in the head of a page: its modules, and the model that its address names."""
    return _modules(page) + ("" if page in WITHOUT_MODEL else _model(request))


@cache
def _modules(page: str) -> str:
    """The modules in the folder of a page, and those that they import."""
    folder = page.partition("-")[0]  # Of "how-it-works": how.
    texts, found = modules(), set[str]()
    missing = [name for name in texts if name.startswith((f"{folder}/", *_EVERYWHERE))]
    while missing:
        name = missing.pop()
        if name not in found:
            found.add(name)
            imported = _IMPORT.findall(texts[name].decode())
            missing += (posixpath.normpath(f"{name}/../{other}") for other in imported)
    return "\n".join(
        f'<link rel="modulepreload" href="{escape(live())}/{name}">' for name in sorted(found)
    )


def _model(request: Request) -> str:
    try:
        visitor = visitors.of(request)
        name = request.query_params.get("model") or next(iter(access.models(visitor)))
        loaded = loaded_models.load(access.model(visitor, name))
    except (VAELabError, StopIteration):
        return ""  # The page says so.
    address = f"{live()}/models/{quote(f'{name}@{loaded.digest}', safe='')}"
    return f'<link rel="preload" as="fetch" crossorigin href="{escape(address)}">'
