// Where the numbers of pictures are, and what the windows of a convolution cover.

/** @import { Conv, Layer } from "./plan.js" */

/**
 * A batch of pictures (h, w, channels) with a border of zeros, in the memory of a model. All
 * distances are counted in numbers.
 * @typedef {object} Pictures
 * @property {number} h
 * @property {number} w
 * @property {number} channels
 * @property {number} step from a pixel to the next
 * @property {number} line from a line to the next
 * @property {number} pitch from an image to the next
 * @property {number} at the address of the first pixel, in bytes
 */

/**
 * How far something reaches over each edge of a picture, in pixels.
 * @typedef {{top: number, bottom: number, left: number, right: number}} Border
 */

/**
 * The windows of a convolution along one side, at one phase. Window number i starts at the input's
 * pixel offset + i · move and gives the result's pixel phase + i · step.
 * @typedef {object} Windows
 * @property {number} count
 * @property {number} offset
 * @property {number} move
 * @property {number} phase
 * @property {number} step
 * @property {number[]} taps which of the kernel's numbers its pixels are multiplied by
 */

/** @type {Border} */
export const NO_BORDER = { top: 0, bottom: 0, left: 0, right: 0 }

/**
 * The address of a pixel, in bytes.
 * @type {(pictures: Pictures, image: number, y: number, x: number) => number}
 */
export function address(pictures, image, y, x) {
  return pictures.at + 4 * (image * pictures.pitch + y * pictures.line + x * pictures.step)
}

/**
 * How far a layer reaches over the edges of its input, which has h × w pixels.
 * @type {(layer: Layer | undefined, h: number, w: number) => Border}
 */
export function borderOf(layer, h, w) {
  if (layer?.kind !== "Conv") return NO_BORDER
  const [top, bottom] = reach(layer, h)
  const [left, right] = reach(layer, w)
  return { top, bottom, left, right }
}

/** @type {(layer: Conv, side: number) => number[]} */
function reach(layer, side) {
  const all = windows(layer, side)
  const before = Math.max(...all.map(({ offset }) => -offset))
  const behind = Math.max(
    ...all.map(({ offset, count, move, taps }) => offset + (count - 1) * move + taps.length),
  )
  return [Math.max(before, 0), Math.max(behind - side, 0)]
}

/**
 * The windows of a convolution along one side of its input, padded as TensorFlow's "same"; a
 * transposed one has as many phases as its stride.
 * @type {(layer: Conv, side: number) => Windows[]}
 */
export function windows({ size, stride, transposed }, side) {
  /** @type {(output: number, input: number) => number} */
  const pad = (output, input) => Math.max((output - 1) * stride + size - input, 0) >> 1
  if (!transposed) {
    const count = Math.ceil(side / stride)
    const taps = Array.from({ length: size }, (_, k) => k)
    return [{ offset: -pad(count, side), move: stride, count, taps, phase: 0, step: 1 }]
  }
  const before = pad(side, side * stride)
  return Array.from({ length: stride }, (_, phase) => {
    const taps = []
    for (let k = size - 1; k >= 0; k--) if ((phase + before - k) % stride === 0) taps.push(k)
    const offset = (phase + before - taps[0]) / stride
    return { offset, move: 1, count: side, taps, phase, step: stride }
  })
}
