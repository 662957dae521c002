// The memory of a model in the browser: its weights and its activations.
//
// An activation is kept as pictures (height, width, channels) with zeros around them, as wide as
// the next convolution reaches; a vector is a picture of one pixel. So the window of a convolution
// is a few runs of numbers, and each layer is a matrix product over a table of where its rows are.

import { productMemory } from "./product.js"

/** @import { BatchNorm, Conv, Dense } from "./plan.js" */
/** @import { Border, Pictures } from "./geometry.js" */

/**
 * The rows of a matrix product, and which weights they are multiplied by.
 * @typedef {object} Rows
 * @property {number} perImage how many for an image
 * @property {(image: number, row: number) => number} from the address of a row
 * @property {(image: number, row: number) => number} to the address of its result
 * @property {number} runs how many runs of numbers make a row
 * @property {number} length of a run, in numbers
 * @property {number} stride from the start of a run to that of the next, in numbers
 * @property {Int32Array} starts for each number of a row, where its weights start in the kernel; -1
 *   for none
 * @property {number} between from the weight of a column to that of the next, in the kernel
 * @property {number} columns how many
 */

export const BATCH = 10 // Images that are computed at a time.

/** Lays out the memory: first every address, then, in `finish`, what is there. */
export class Memory {
  /** @param {Record<string, Float32Array>} tensors by their names in a weights file */
  constructor(tensors) {
    this.tensors = tensors
    this.bytes = 16
    /** @type {(() => void)[]} */
    this.fills = []
    this.floats = new Float32Array()
    this.addresses = new Int32Array()
    /** @type {ReturnType<typeof productMemory>["multiply"]} */
    this.multiply = () => {}
  }

  /**
   * The address of so many bytes, which are 0.
   * @param {number} bytes
   */
  reserve(bytes) {
    const address = this.bytes
    this.bytes += Math.ceil(bytes / 16) * 16
    return address
  }

  /**
   * A batch of pictures in new memory.
   * @param {number} h
   * @param {number} w
   * @param {number} channels
   * @param {Border} border
   * @param {number} step from a pixel to the next, in numbers
   * @returns {Pictures}
   */
  pictures(h, w, channels, border, step = 8 * Math.ceil(channels / 8)) {
    const line = (border.left + w + border.right) * step
    const pitch = (border.top + h + border.bottom) * line
    const at = this.reserve(4 * BATCH * pitch) + 4 * (border.top * line + border.left * step)
    return { h, w, channels, step, line, pitch, at }
  }

  /**
   * A matrix product, to be called with the number of images.
   * @param {Dense | Conv} layer whose kernel and bias are used
   * @param {BatchNorm | null} norm
   * @param {Rows} rows
   * @returns {(n: number) => void}
   */
  product(layer, norm, { perImage, starts, between, columns, ...rows }) {
    const panels = Math.ceil(columns / 8)
    const count = 4 * Math.ceil((BATCH * perImage) / 4)
    const from = this.reserve(4 * count)
    const to = this.reserve(4 * count)
    const spare = this.reserve(32 * panels)
    const kernel = this.reserve(32 * panels * starts.length)
    const bias = this.reserve(32 * panels)
    const [length, stride] = [4 * rows.length, 4 * rows.stride]
    const low = layer.activation === "relu" ? 0 : -Infinity
    const product = { from, to, runs: rows.runs, length, stride, kernel, panels, bias, low }
    this.fills.push(() => {
      for (let i = 0; i < count; i++) {
        const image = Math.floor(i / perImage)
        const row = i % perImage
        this.addresses[from / 4 + i] = image < BATCH ? rows.from(image, row) : rows.from(0, 0)
        this.addresses[to / 4 + i] = image < BATCH ? rows.to(image, row) : spare
      }
      const weights = this.tensors[`${layer.name}.kernel`]
      const biases = this.tensors[`${layer.name}.bias`]
      const { scale, shift } = this.normalisation(norm, columns)
      for (let c = 0; c < columns; c++) {
        const panel = kernel / 4 + 8 * starts.length * (c >> 3) + (c & 7)
        for (let k = 0; k < starts.length; k++) {
          if (starts[k] >= 0) {
            this.floats[panel + 8 * k] = weights[starts[k] + c * between] * scale[c]
          }
        }
        this.floats[bias / 4 + c] = biases[c] * scale[c] + shift[c]
      }
    })
    return (n) => this.multiply({ ...product, rows: 4 * Math.ceil((n * perImage) / 4) })
  }

  /**
   * A batch normalisation as a scale and a shift of each column: see `BatchNorm` in layers.py.
   * @param {BatchNorm | null} norm
   * @param {number} columns
   */
  normalisation(norm, columns) {
    const [scale, shift] = [new Float64Array(columns).fill(1), new Float64Array(columns)]
    if (norm) {
      const names = ["gamma", "beta", "mean", "variance"]
      const [gamma, beta, mean, variance] = names.map(
        (name) => this.tensors[`${norm.name}.${name}`],
      )
      for (let c = 0; c < columns; c++) {
        scale[c] = gamma[c] / Math.sqrt(variance[c] + norm.epsilon)
        shift[c] = beta[c] - mean[c] * scale[c]
      }
    }
    return { scale, shift }
  }

  /** Make the memory, which ends the layout. */
  finish() {
    const { buffer, multiply } = productMemory(this.bytes)
    this.multiply = multiply
    this.floats = new Float32Array(buffer)
    this.addresses = new Int32Array(buffer)
    for (const fill of this.fills) fill()
    this.fills = []
    this.tensors = {}
  }
}
