// Asks the server for parts of the maps' data and takes them in: see store.js.
//
// `data` is a part as bytes (see source.py), or {model: id} if none was asked
// for. Trigger: want (a key).

import { halves } from "../../model/safetensors.js"
import { connect, giveUp, postpone, receive } from "./store.js"

export default function ({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) read(data)
  connect(parentElement, (key) => setTriggerValue("want", key))
}

async function read(data) {
  const copy = data.slice() // Typed arrays need an address that is a multiple of their size.
  const length = new DataView(copy.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)))
  const body = copy.buffer.slice(4 + length)
  if (header.gone) giveUp(header.key)
  else if ("later" in header) postpone(header.key)
  else if (header.error) receive(header.key, null, header.error)
  else if (header.key.startsWith("tile|")) receive(header.key, await inflated(body))
  else if (header.count) receive(header.key, points(header, body))
  else receive(header.key, header)
}

async function inflated(body) {
  const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("deflate"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function points(header, body) {
  const { count, zDim, embedded } = header
  const numbers = new Uint16Array(body, 0, count * (zDim + (embedded ? 2 : 0)))
  return {
    ...header,
    mu: halves(numbers.subarray(0, count * zDim)),
    embedding: embedded ? numbers.slice(count * zDim) : null,
    y: new Uint8Array(body.slice(2 * numbers.length)),
  }
}
