// The tensors and the metadata of a safetensors file: https://github.com/huggingface/safetensors

// The value of each of the 65,536 float16 numbers.
const HALF = new Float32Array(65536)
for (let i = 0; i < 65536; i++) {
  const exponent = (i >> 10) & 31
  const fraction = i & 1023
  let size = (1 + fraction / 1024) * 2 ** (exponent - 15)
  if (exponent === 0) size = fraction * 2 ** -24
  if (exponent === 31) size = fraction ? NaN : Infinity
  HALF[i] = i & 32768 ? -size : size
}

/**
 * float16 numbers as their bits.
 * @param {Uint16Array} bits
 */
export function halves(bits) {
  const values = new Float32Array(bits.length)
  // Float32Array.from with a function takes 20 times as long.
  for (let i = 0; i < bits.length; i++) values[i] = HALF[bits[i]]
  return values
}

/**
 * The numbers of each tensor of type F16 or F32, and the metadata.
 * @param {Uint8Array} bytes
 */
export function readSafetensors(bytes) {
  const copy = bytes.slice() // Typed arrays need an address that is a multiple of their size.
  const length = Number(new DataView(copy.buffer).getBigUint64(0, true))
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(
    new TextDecoder().decode(copy.subarray(8, 8 + length)),
  )
  /** @type {Record<string, Float32Array>} */
  const tensors = {}
  for (const [name, { dtype, data_offsets }] of Object.entries(entries)) {
    const data = copy.buffer.slice(8 + length + data_offsets[0], 8 + length + data_offsets[1])
    tensors[name] = dtype === "F16" ? halves(new Uint16Array(data)) : new Float32Array(data)
  }
  return { tensors, metadata: /** @type {Record<string, string>} */ (metadata) }
}
