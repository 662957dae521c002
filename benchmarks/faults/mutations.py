"""Mutations of a weights file: bits, lengths, offsets, types, shapes, numbers, metadata."""

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from benchmarks.faults import bad_input
from benchmarks.faults.bad_input import Rng

Header = dict[str, Any]


def _parts(content: bytes) -> tuple[Header, bytes]:
    size = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def _packed(header: Header, data: bytes, text: str | None = None) -> bytes:
    encoded = (json.dumps(header) if text is None else text).encode(errors="surrogatepass")
    return struct.pack("<Q", len(encoded)) + encoded + data


def _flips(content: bytes, rng: Rng) -> bytes:
    data = bytearray(content)
    # Half of them in the header, which is a small part of the file.
    end = min(len(data), 5000) if rng.random() < 0.5 else len(data)
    for at in rng.integers(0, end, int(rng.integers(1, 64))):
        data[at] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _truncated(content: bytes, rng: Rng) -> bytes:
    if rng.random() < 0.2:
        return content + rng.bytes(int(rng.integers(1, 1000)))
    return content[: int(rng.integers(0, len(content)))]


def _wrong_length(content: bytes, rng: Rng) -> bytes:
    length = struct.unpack("<Q", content[:8])[0]
    lengths = [0, 1, length - 1, length + 1, len(content), 2**31, 2**32, 10**10, 2**63, 2**64 - 1]
    if rng.random() < 0.5:
        lengths = [int(rng.integers(0, 2 * len(content)))]
    return struct.pack("<Q", lengths[int(rng.integers(len(lengths)))]) + content[8:]


def _tensors_of(header: Header) -> list[str]:
    return [name for name in header if name != "__metadata__"]


def _offsets(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    names = _tensors_of(header)
    for name in rng.choice(names, 2, replace=False):
        start, end = header[name]["data_offsets"]
        other = header[str(rng.choice(names))]["data_offsets"]
        choices = [other, [end, start], [start, end + 4], [start - 4, end], [start, len(data) + 4]]
        choices += [
            [-8, -4],
            [start, 10**10],
            [0, len(data)],
            [2**63, 2**64],
            [start],
            [],
            [0.5, 1],
        ]
        header[name]["data_offsets"] = choices[int(rng.integers(len(choices)))]
    return _packed(header, data)


DTYPES = (
    *(
        "BOOL",
        "U8",
        "I8",
        "F8_E5M2",
        "F8_E4M3",
        "F8_E8M0",
        "F4",
        "F6_E2M3",
        "F6_E3M2",
        "I16",
        "U16",
    ),
    *(
        "F16",
        "BF16",
        "I32",
        "U32",
        "F32",
        "C64",
        "F64",
        "I64",
        "U64",
        "",
        "float32",
        "F128",
        7,
        None,
    ),
)


def _dtypes(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    name = str(rng.choice(_tensors_of(header)))
    dtype = DTYPES[int(rng.integers(len(DTYPES)))]
    header[name]["dtype"] = dtype
    if rng.random() < 0.7:  # With a shape that fits its bytes, so that the file is whole.
        bits = 8 * int(np.diff(header[name]["data_offsets"])[0])
        size = {"F4": 4, "BOOL": 8, "U8": 8, "I8": 8, "F64": 64, "I64": 64, "U64": 64, "C64": 64}
        width = size.get(str(dtype), 6 if "F6" in str(dtype) else 8 if "F8" in str(dtype) else 16)
        width = 32 if dtype in ("I32", "U32", "F32") else width
        header[name]["shape"] = [bits // width]
    return _packed(header, data)


def _shapes(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    name = str(rng.choice(_tensors_of(header)))
    shape = header[name]["shape"]
    choices: list[Any] = [
        *(shape[::-1], [*shape, 1], [1, *shape], [int(np.prod(shape))], [], [0], [-1], [10**9]),
        *([10**9, 10**9], [2**63], [2**64], [1] * 1000, [0, 2**62], [0.5], ["3"], None, 3, [None]),
    ]
    header[name]["shape"] = choices[int(rng.integers(len(choices)))]
    return _packed(header, data)


def _names(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    name = str(rng.choice(_tensors_of(header)))
    new = ["", "x", "../../x", "mu.kernel", "__metadata__", "a\0", "é" * 1000, "\ud800"]
    text = json.dumps(header).replace(f'"{name}"', json.dumps(new[int(rng.integers(len(new)))]), 1)
    if rng.random() < 0.3:  # The same name twice.
        text = text.replace("{", "{" + f'"{name}": {json.dumps(header[name])}, ', 1)
    return _packed(header, data, text)


def _numbers(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    name = str(rng.choice(_tensors_of(header)))
    start, end = header[name]["data_offsets"]
    values = np.frombuffer(data[start:end], np.float32).copy()
    wild = [np.nan, np.inf, -np.inf, 1e38, -1e38, 1e6, -1e6, 9.9e5, 1e-45, -1.0, 0.0]
    share = rng.random(len(values)) < rng.choice([0.001, 0.1, 1.0])
    values[share] = rng.choice(wild)
    return _packed(header, data[:start] + values.tobytes() + data[end:])


def _metadata(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    metadata = header["__metadata__"]
    for name in rng.choice(list(metadata), int(rng.integers(1, 3)), replace=False):
        if name in ("params", "metrics", "history", "knob_names"):
            metadata[name] = bad_input.changed_text(metadata[name], rng)
        else:
            metadata[name] = bad_input.any_value(rng)
    if rng.random() < 0.1:
        metadata.pop(str(rng.choice(list(metadata))))
    return _packed(header, data, json.dumps(header))


def _layers(content: bytes, rng: Rng) -> bytes:
    """Parameters of another, often a huge, model than the tensors are of."""
    header, data = _parts(content)
    params = json.loads(header["__metadata__"]["params"])
    sizes = [1, 8, 512, 513, 10**9, 2**63, -1, 0.5]
    parts = ("encoder", "decoder", "digit_classification")
    for part in parts:
        for kind in ("layers", "filters"):
            if rng.random() < 0.4:
                count = int(rng.choice([0, 1, 3, 4, 1000]))
                params[f"{part}_{kind}"] = [
                    sizes[int(i)] for i in rng.integers(0, len(sizes), count)
                ]
    params["z_dim"] = [3, 2, 32, 33, 10**9][int(rng.integers(5))]
    params["batch_size"] = [100, 1000, 10**9][int(rng.integers(3))]
    header["__metadata__"]["params"] = json.dumps(params)
    return _packed(header, data)


def _rebuilt(content: bytes, rng: Rng) -> bytes:
    """A whole file whose tensors are really of another type or shape."""
    tensors, (header, _) = from_safetensors(content), _parts(content)
    metadata = header["__metadata__"]
    name = str(rng.choice(list(tensors)))
    tensor = tensors[name]
    match rng.integers(6):
        case 0:
            del tensors[name]
        case 1:
            kinds = (np.float16, np.float64, np.int32, np.uint8, np.bool_, np.complex64)
            tensors[name] = tensor.astype(kinds[int(rng.integers(len(kinds)))])
        case 2:
            tensors[name] = np.ascontiguousarray(tensor.T)
        case 3:
            tensors[name] = np.zeros((*tensor.shape[:-1], tensor.shape[-1] + 1), np.float32)
        case 4:
            tensors["x"] = np.zeros(int(rng.integers(0, 5_000_000)), np.float32)
        case 5:
            scale = np.float32(10.0 ** rng.integers(-30, 7))
            tensors = {n: np.ascontiguousarray(t * scale) for n, t in tensors.items()}
    return to_safetensors(tensors, metadata)


def _header_json(content: bytes, rng: Rng) -> bytes:
    header, data = _parts(content)
    return _packed(header, data, bad_input.changed_text(json.dumps(header), rng))


def _other_files(content: bytes, rng: Rng) -> bytes:
    starts = [b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\x80\x04\x95", b"\x93NUMPY", b"\x1f\x8b"]
    return starts[int(rng.integers(len(starts)))] + rng.bytes(int(rng.integers(0, 20_000)))


MUTATIONS: Mapping[str, Callable[[bytes, Rng], bytes]] = {
    "bits flipped": _flips,
    "cut off, or longer": _truncated,
    "wrong header lengths": _wrong_length,
    "overlapping, swapped, 10 GB offsets": _offsets,
    "data types": _dtypes,
    "shapes, up to 10¹⁸ numbers": _shapes,
    "names": _names,
    "NaN, infinite and huge numbers": _numbers,
    "metadata, deep JSON": _metadata,
    "parameters of huge layers": _layers,
    "whole, with other tensors": _rebuilt,
    "header, any part": _header_json,
    "other files": _other_files,
}
