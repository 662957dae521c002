"""What a browser may report as a drawing: pictures of any kind, strokes of any shape."""

import base64
import io
import json
import math
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.faults import bad_input, specimen
from benchmarks.faults.bad_input import Rng
from benchmarks.faults.tally import Tally, check, check_sentence
from vae.data.preprocess import preprocess
from vae.data.strokes import Stroke, rasterize
from vae.errors import DrawingError, EmptyDrawingError

COUNT, QUICK = 400, 40

ONE = [Stroke(((140, 40), (140, 240)), False)]


def run(quick: bool) -> Iterator[Tally]:
    """A row for each kind of picture, of strokes, and of arrays for `preprocess`."""
    specimen.page_of("draw", {})  # It provides the canvas, without which it cannot be imported.
    from ui.canvas import objects

    rng = np.random.default_rng(4)
    count = QUICK if quick else COUNT
    for what, png_of in PICTURES.items():
        tally = Tally(f"drawings: {what}")
        for i in range(count):
            report = {"data": _url(png_of(rng)), "raw": {"objects": objects(ONE)}}
            tally.trial(partial(_take, report), (i, report["data"][:80]))
        yield tally
    tally = Tally("drawings: forged reports and strokes")
    good = {"data": _url(_canvas(rng)), "raw": {"objects": objects(ONE)}}
    for i in range(4 * count):
        report = _strokes(rng) if i % 4 == 0 else good
        for _ in range(int(rng.integers(1, 4))):
            report = bad_input.changed(report, rng)
        tally.trial(partial(_take, report), (i, report))
    yield tally
    tally = Tally("arrays for `preprocess`, 0 × 0 to 3,000 × 3,000")
    for i in range(count):
        array = _array(rng)
        tally.trial(partial(_preprocess, array), (i, array.shape, array.dtype))
    yield tally


def _take(report: Any) -> str:
    """Take a report over as the Draw page does, undo, and make a link of it."""
    from ui import drawing_link
    from ui.canvas import Drawing

    drawn = Drawing()
    drawn.take(report)
    if drawn.x is not None:
        check(drawn.x.shape == (784,) and np.isfinite(drawn.x).all(), "no image")
        check(0 <= drawn.x.min() <= drawn.x.max() <= 1, "an image out of bounds")
    try:
        drawing_link.text_of(drawn)
    except DrawingError as error:
        check_sentence(error)
    drawn.show_again()
    json.dumps(drawn.shown, allow_nan=False).encode()
    outcome = "read" if drawn.x is not None else "ignored"
    if drawn.problem:
        outcome = "named in a sentence"
    drawn.undo()
    return outcome


def _preprocess(array: Any) -> str:
    try:
        x, _ = preprocess(array)
    except EmptyDrawingError:
        return "empty"
    except ValueError as error:
        check_sentence(error)
        return "refused in a sentence"
    check(np.isfinite(x).all() and 0 <= x.min() <= x.max() <= 1, "no image")
    return "read"


def _url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _png(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def _canvas(rng: Rng) -> bytes:
    return _png(Image.fromarray(rasterize(ONE)).convert("RGBA"))


def _damaged(rng: Rng) -> bytes:
    return bad_input.damaged(_canvas(rng), rng)


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def _header(width: int, height: int, depth: int = 8, color: int = 6) -> bytes:
    size = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size)


def _huge(rng: Rng) -> bytes:
    """A few kB that claim to be, or are, a picture of up to gigabytes."""
    sides = [1121, 5000, 13_300, 20_000, 2**31 - 1, 0]
    width, height = (sides[int(i)] for i in rng.integers(0, len(sides), 2))
    if rng.random() < 0.3:
        width, height = (width, 1) if rng.random() < 0.5 else (1, height)
    zeros = zlib.compress(bytes(int(rng.integers(0, 3_000_000))))
    return _header(width, height) + _chunk(b"IDAT", zeros) + _chunk(b"IEND", b"")


def _depths(rng: Rng) -> bytes:
    """Any depth and colour type, fitting or not."""
    depth = int(rng.choice([1, 2, 4, 8, 16, 32, 0]))
    color = int(rng.choice([0, 2, 3, 4, 6, 7]))
    data = zlib.compress(rng.integers(0, 5, 9 * 28 * 28).astype(np.uint8).tobytes())
    palette = (
        _chunk(b"PLTE", rng.bytes(3 * int(rng.integers(0, 300)))) if rng.random() < 0.7 else b""
    )
    return _header(28, 28, depth, color) + palette + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _modes(rng: Rng) -> bytes:
    side = int(rng.choice([1, 2, 3, 27, 280, 1120]))
    pixels = rng.integers(0, 256, (side, int(rng.choice([1, side])), 4)).astype(np.uint8)
    pixels *= rng.choice([0, 1], p=[0.2, 0.8]).astype(np.uint8)
    mode = str(rng.choice(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]))
    image = Image.fromarray(pixels).convert("I" if mode == "I;16" else mode)
    return _png(image.convert(mode))


def _animated(rng: Rng) -> bytes:
    frames = [Image.new("RGBA", (280, 280), (i, 0, 0, i)) for i in range(int(rng.integers(2, 20)))]
    png = _png(frames[0], save_all=True, append_images=frames[1:])
    return bad_input.damaged(png, rng) if rng.random() < 0.5 else png


def _chunks(rng: Rng) -> bytes:
    """Chunks of text and profiles that unpack to much, or are damaged."""
    kinds = [
        b"zTXt",
        b"iTXt",
        b"iCCP",
        b"tEXt",
        b"eXIf",
        b"tRNS",
        b"gAMA",
        b"pHYs",
        b"acTL",
        b"fcTL",
    ]
    extra = b""
    for _ in range(int(rng.integers(1, 5))):
        bomb = b"k\0\0" + zlib.compress(bytes(50_000_000)) if rng.random() < 0.05 else b""
        content = bomb or rng.bytes(int(rng.integers(0, 40)))
        extra += _chunk(kinds[int(rng.integers(len(kinds)))], content)
    png = _canvas(rng)
    return png[:33] + extra + png[33:] if rng.random() < 0.5 else png[:-12] + extra + png[-12:]


def _others(rng: Rng) -> bytes:
    kind = str(rng.choice(["GIF", "BMP", "JPEG", "WEBP", "TIFF", "PPM", "ICO", "bytes"]))
    if kind == "bytes":
        return rng.bytes(int(rng.integers(0, 3000)))
    file = io.BytesIO()
    Image.new("RGB", (28, 28)).save(file, kind)
    return file.getvalue()


def _strokes(rng: Rng) -> dict[str, Any]:
    """Very many strokes or points, or points that are no numbers."""
    from ui.canvas import objects

    wild = [math.nan, math.inf, -math.inf, 1e308, 10**400, -(2**70), None, "1", 3.5]
    points = [
        ["MLQ"[int(rng.integers(3))], *(wild[int(i)] for i in rng.integers(0, len(wild), 4))]
        for _ in range(int(rng.choice([0, 1, 5, 6000])))
    ]
    strokes = objects(ONE) * int(rng.choice([1, 10, 20_000]))
    return {"data": _url(_canvas(rng)), "raw": {"objects": [*strokes, {"path": points}]}}


def _array(rng: Rng) -> Any:
    sides = [0, 1, 2, 3, 28, 280, 3000]
    shape = [sides[int(i)] for i in rng.integers(0, len(sides), int(rng.integers(0, 4)))]
    if len(shape) == 3:
        shape[2] = int(rng.integers(0, 6))
    kinds = [np.uint8] * 8 + [np.float32, np.int64, np.bool_, np.uint16]
    array = rng.integers(0, 256, shape).astype(kinds[int(rng.integers(len(kinds)))])
    return array * array.dtype.type(rng.integers(2))


PICTURES: Mapping[str, Callable[[Rng], bytes]] = {
    "PNG damaged anywhere": _damaged,
    "PNG that claims up to 2³¹ pixels a side": _huge,
    "PNG of any depth and colour type": _depths,
    "PNG 1 × 1 to 1,120 × 1,120, any mode": _modes,
    "PNG animated": _animated,
    "PNG with damaged or huge chunks": _chunks,
    "other formats": _others,
}
