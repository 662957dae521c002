"""How much one address may ask of a public server, and all together."""

from collections import Counter

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from streamlit import runtime

from vae.public.rates import is_allowed

REQUESTS = "2000/20 seconds"
"""Of an address."""

PAGES, ALL_PAGES, NEW_PAGES = 150, 300, "200/20 seconds"
"""Open at once, of an address and in all; opened by an address. A school may be one address."""

UPLOADS, SESSION_UPLOADS = "20/2 minutes", "4/2 minutes"
"""Of an address, and of a page."""

WAITING_FILES, WAITING_BYTES = 10, 200_000_000
"""Uploaded files of a page, and bytes of those of all, that nobody has added to the models yet."""


def refusal_of_one_more(
    connection: HTTPConnection, address: str, pages: Counter[str], upload: str
) -> Response | None:
    """The answer if a request is one too many.

    Args:
        connection: the request.
        address: from `vae.public.rates.network`.
        pages: how many pages of each address are open.
        upload: the path of an upload, `_stcore/upload_file/SESSION/FILE`; empty for others.
    """
    if not is_allowed(REQUESTS, "requests", address):
        return _too_many("requests")
    if connection.scope["type"] == "websocket":
        too_many = pages[address] >= PAGES or pages.total() >= ALL_PAGES
        if too_many or not is_allowed(NEW_PAGES, "pages", address):
            return _too_many("open pages")
    if upload:
        session = upload.split("/")[2]
        waiting = _waiting_files()
        full = sum(map(sum, waiting.values())) > WAITING_BYTES
        if full or len(waiting.get(session, ())) >= WAITING_FILES:
            return _too_many("files that wait")
        if not (
            is_allowed(SESSION_UPLOADS, "uploads of a page", session)
            and is_allowed(UPLOADS, "uploads", address)
        ):
            return _too_many("uploads")
    return None


def _too_many(what: str) -> Response:
    text = f"Too many {what} from your network. Please try again in a moment.\n"
    return PlainTextResponse(text, 429)


def _waiting_files() -> dict[str, list[int]]:
    """The sizes of the uploaded files in memory, by sessions."""
    kept = runtime.get_instance().uploaded_file_mgr.file_storage.copy()  # type: ignore[attr-defined]
    return {name: [len(file.data) for file in files.values()] for name, files in kept.items()}
