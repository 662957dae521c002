"""The routes of the server: modules and models for the browser, reports of what failed there."""

import json
import logging

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ui import loaded_models
from ui.live.model.pack import pack
from ui.server import html, visitors
from ui.server.addresses import FOREVER, base, live, modules
from vae.errors import VAELabError
from vae.public import access
from vae.public.rates import RateLimit

_REPORT_BYTES = 4096
_REPORTS = RateLimit(60, seconds=60)
"""Of failures in browsers that are logged, by all visitors."""

_log = logging.getLogger("vae.browser")


def all_routes() -> list[BaseRoute]:
    """The routes, below `server.baseUrlPath`."""
    return [
        Route(f"{live()}/{{name:path}}", _module),
        Route(f"{base()}/models/{{model_id:path}}", _model),
        Route(f"{base()}/failures", _failure, methods=["POST"]),
        *html.routes(),
    ]


async def _module(request: Request) -> Response:
    name = request.path_params["name"]
    try:
        text = modules()[name]
    except KeyError:
        raise HTTPException(404) from None
    headers = {"Cache-Control": f"public, {FOREVER}"}
    return Response(text, media_type="text/javascript", headers=headers)


async def _model(request: Request) -> Response:
    """A packed model; 404 if the visitor sees none of that id, or if it has changed since."""
    content = await run_in_threadpool(_packed, request, request.path_params["model_id"])
    headers = {"Cache-Control": f"private, {FOREVER}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _packed(request: Request, model_id: str) -> bytes:
    name, _, digest = model_id.rpartition("@")
    try:
        loaded = loaded_models.load(access.model(visitors.of(request), name))
    except VAELabError:
        raise HTTPException(404) from None
    if loaded.digest != digest:
        raise HTTPException(404)
    return pack(loaded.model, model_id)


async def _failure(request: Request) -> Response:
    """Log that a component has failed: {component, message}."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _REPORT_BYTES:
            raise HTTPException(413)
    try:
        report = json.loads(body)
        where, message = str(report["component"]), str(report["message"])
        _REPORTS.count("Too many failures.")
    except (ValueError, TypeError, KeyError):
        raise HTTPException(400) from None
    except VAELabError:
        raise HTTPException(429) from None
    browser = request.headers.get("user-agent", "")
    _log.error("The component %r failed: %r. Browser: %r", where, message, browser)
    return Response(status_code=204)
