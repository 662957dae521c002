// The tensors and the metadata of a safetensors file: https://github.com/huggingface/safetensors

const HALF = new Float32Array(65536)
for (let i = 0; i < 65536; i++) {
  const exponent = (i >> 10) & 31
  const fraction = i & 1023
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? (fraction ? NaN : Infinity)
        : (1 + fraction / 1024) * 2 ** (exponent - 15)
  HALF[i] = i & 32768 ? -size : size
}

// float16 numbers as their bits (Uint16Array) → Float32Array.
export function halves(bits) {
  return Float32Array.from(bits, (half) => HALF[half])
}

// `bytes` (Uint8Array) → {tensors: {name: {shape, values: Float32Array}}, metadata: {name: text}}.
// Types: F16 and F32.
export function readSafetensors(bytes) {
  const copy = bytes.slice() // Typed arrays need an address that is a multiple of their size.
  const length = Number(new DataView(copy.buffer).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(8, 8 + length)))
  const tensors = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue
    const { dtype, shape, data_offsets } = entry
    const [start, end] = data_offsets.map((offset) => 8 + length + offset)
    const data = copy.buffer.slice(start, end)
    const values =
      dtype === "F16"
        ? halves(new Uint16Array(data))
        : new Float32Array(data)
    tensors[name] = { shape, values }
  }
  return { tensors, metadata: header.__metadata__ ?? {} }
}
