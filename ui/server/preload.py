"""The modules that a page is going to need, so that the browser fetches them early."""

import posixpath
import re
from functools import cache
from html import escape

from ui.components.addresses import live, modules

_IMPORT = re.compile(r'^[^/*\n]*from "(\.[^"]+)"', re.MULTILINE)
"""Not of a type, in a comment."""

_EVERYWHERE = ("shell/", "components/start.js", "components/copy_link.js")


@cache
def links(page: str) -> str:
    """Links for the head of a page to the modules in its folder and to those that they import.

    Streamlit's own code comes before them.
    """
    folder = page.partition("-")[0]  # Of "how-it-works": how.
    texts, found = modules(), set[str]()
    missing = [name for name in texts if name.startswith((f"{folder}/", *_EVERYWHERE))]
    while missing:
        name = missing.pop()
        if name not in found:
            found.add(name)
            imported = _IMPORT.findall(texts[name].decode())
            missing += (posixpath.normpath(f"{name}/../{other}") for other in imported)
    start = f'<link rel="modulepreload" fetchpriority="low" href="{escape(live())}'
    return "\n".join(f'{start}/{name}">' for name in sorted(found))
