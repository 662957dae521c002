"""The routes of the server: what the browser fetches, and reports of what failed there."""

import json
import logging
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ui.components.addresses import FOREVER, base, live, modules
from ui.engine.pack import pack
from ui.explore import map_data
from ui.server import html, run_routes, visitors
from ui.shared import loaded_models
from vae.errors import VAELabError
from vae.model.numpy_model import TrainedVAE
from vae.public import access
from vae.public.rates import is_allowed

_GONE = "There is no such model any more."
_REPORTS = "60/minute"
"""Of failures in browsers that are logged, by all visitors."""

_log = logging.getLogger("vae.browser")


def all_routes() -> list[BaseRoute]:
    """The routes, below `server.baseUrlPath`."""
    return [
        # Below the digest of the modules: those that read them know their form.
        Route(f"{live()}/models/{{model_id:path}}", _model),
        Route(f"{live()}/maps/{{model_id:path}}", _map),
        Route(f"{live()}/{map_data.IMAGES}", _test_images),
        Route(f"{live()}/{{name:path}}", _module),
        Route(f"{base()}/failures", _failure, methods=["POST"]),
        *run_routes.routes(),
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


def _model(request: Request) -> Response:
    """A packed model; 404 as `_visible`."""
    _, model = _visible(request)
    return _kept(pack(model, request.path_params["model_id"]), "private")


def _map(request: Request) -> Response:
    """The points of a model's map; 404 as `_visible`, and 422 with a sentence if it has none."""
    path, model = _visible(request)
    try:
        content = map_data.points(path, request.path_params["model_id"], model)
    except VAELabError as error:
        raise HTTPException(422, str(error)) from None
    return _kept(content, "private")


def _test_images(_: Request) -> Response:
    """The test images."""
    try:
        content = map_data.images()
    except VAELabError as error:
        raise HTTPException(422, str(error)) from None
    response = _kept(content, "public")
    response.headers["Content-Encoding"] = "gzip"
    return response


def _visible(request: Request) -> tuple[Path, TrainedVAE]:
    """The file and the model of the id that is asked for.

    Raises:
        HTTPException: 404, if the visitor sees none of that id, or if it has changed since.
    """
    name, _, digest = request.path_params["model_id"].rpartition("@")
    try:
        path = access.model(visitors.of(request), name)
        loaded = loaded_models.load(path)
    except VAELabError:
        raise HTTPException(404, _GONE) from None
    if loaded.digest != digest:
        raise HTTPException(404, _GONE)
    return path, loaded.model


def _kept(content: bytes, scope: str) -> Response:
    """An answer that a browser may keep for ever, and a proxy too if the scope is "public"."""
    headers = {"Cache-Control": f"{scope}, {FOREVER}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _failure(request: Request) -> Response:
    """Log that a component has failed: {component, message}."""
    try:
        report = json.loads(await request.body())
        where, message = str(report["component"]), str(report["message"])
    except (ValueError, TypeError, KeyError):
        raise HTTPException(400) from None
    if not is_allowed(_REPORTS, "failures"):
        raise HTTPException(429)
    browser = request.headers.get("user-agent", "")
    _log.error("The component %r failed: %r. Browser: %r", where, message, browser)
    return Response(status_code=204)
