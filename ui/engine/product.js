// The matrix product of `product.wat`, in WebAssembly with SIMD.

// `product.wat`, assembled: a test compares them.
const ASSEMBLED =
  "AGFzbQEAAAABDgFgCn9/f39/f39/f30AAwIBAAUDAQAABxQCBm1lbW9yeQIAB3Byb2R1Y3QAAAq0BAGxBAIJfwx7" +
  "IAn9EyEWIAUgBGshBSAAQQJ0IQADQEEAIQoDQCABIApqIQwgDCgCACEPIAwoAgQhECAMKAIIIREgDCgCDCESIAj9" +
  "AAQAIRcgCP0ABBAhGCAXIRkgGCEaIBchGyAYIRwgFyEdIBghHiAGIQwgAyELA0AgDyAEaiENA0AgDP0ABAAhFCAM" +
  "/QAEECEVIA/9CQIAIRMgFyATIBT95gH95AEhFyAYIBMgFf3mAf3kASEYIBD9CQIAIRMgGSATIBT95gH95AEhGSAa" +
  "IBMgFf3mAf3kASEaIBH9CQIAIRMgGyATIBT95gH95AEhGyAcIBMgFf3mAf3kASEcIBL9CQIAIRMgHSATIBT95gH9" +
  "5AEhHSAeIBMgFf3mAf3kASEeIA9BBGohDyAQQQRqIRAgEUEEaiERIBJBBGohEiAMQSBqIQwgDyANSQ0ACyAPIAVq" +
  "IQ8gECAFaiEQIBEgBWohESASIAVqIRIgC0EBayILDQALIAIgCmohCyALKAIAIA5qIQ8gDyAXIBb96QH9CwQAIA8g" +
  "GCAW/ekB/QsEECALKAIEIA5qIQ8gDyAZIBb96QH9CwQAIA8gGiAW/ekB/QsEECALKAIIIA5qIQ8gDyAbIBb96QH9" +
  "CwQAIA8gHCAW/ekB/QsEECALKAIMIA5qIQ8gDyAdIBb96QH9CwQAIA8gHiAW/ekB/QsEECAKQRBqIgogAEkNAAsg" +
  "DCEGIAhBIGohCCAOQSBqIQ4gB0EBayIHDQALCwDXAQRuYW1lAqsBAQAfAARyb3dzAQRmcm9tAgJ0bwMEcnVucwQG" +
  "bGVuZ3RoBQZzdHJpZGUGBmtlcm5lbAcGcGFuZWxzCARiaWFzCQNsb3cKBHRpbGULBGxlZnQMAWsNA2VuZA4GY29s" +
  "dW1uDwJhMBACYTERAmEyEgJhMxMBeBQCYjAVAmIxFgZsb3dlc3QXA3MwMBgDczAxGQNzMTAaA3MxMRsDczIwHANz" +
  "MjEdA3MzMB4DczMxAyIBAAQABXBhbmVsAQlmb3VyX3Jvd3MCA3J1bgMGbnVtYmVy"

const BINARY = Uint8Array.from(atob(ASSEMBLED), (character) => character.charCodeAt(0))

/**
 * to[r][c] = max(low, bias[c] + Σ_k row r [k] · kernel[k][c])
 *
 * A row is `runs` runs of numbers: the window of a convolution is one run for each of its lines.
 * Eight columns are a panel, whose numbers lie together in the kernel. Addresses and lengths are in
 * bytes, numbers are float32.
 * @typedef {object} Product
 * @property {number} rows how many, a multiple of 4
 * @property {number} from address of the addresses of the rows
 * @property {number} to address of the addresses of the results' rows
 * @property {number} runs how many in a row
 * @property {number} length of a run
 * @property {number} stride from the start of a run to that of the next
 * @property {number} kernel its address
 * @property {number} panels how many
 * @property {number} bias its address
 * @property {number} low lower bound of the results: 0 is a ReLU, -Infinity none
 */

/**
 * Memory for numbers, and the product that works on it.
 * @param {number} bytes
 */
export function productMemory(bytes) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(BINARY))
  const memory = /** @type {WebAssembly.Memory} */ (exports.memory)
  const compute = /** @type {(...numbers: number[]) => void} */ (exports.product)
  memory.grow(Math.ceil(bytes / 65536))
  /** @param {Product} product */
  const multiply = ({ rows, from, to, runs, length, stride, kernel, panels, bias, low }) =>
    compute(rows, from, to, runs, length, stride, kernel, panels, bias, low)
  return { buffer: memory.buffer, multiply }
}
