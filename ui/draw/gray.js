// Pictures of 28 × 28 pixels on <canvas> elements of that size, which CSS makes larger.

/** @import { Numbers } from "../engine/maths.js" */

const WIDTH = 28
const picture = new ImageData(WIDTH, WIDTH)
picture.data.fill(255)

/**
 * Pixels (784,) in [0, 1], 0 black, from `start` on.
 * @type {(canvas: HTMLCanvasElement, pixels: Numbers, start?: number) => void}
 */
export function paintGray(canvas, pixels, start = 0) {
  for (let i = 0; i < WIDTH * WIDTH; i++) {
    const value = Math.round(255 * pixels[start + i])
    picture.data[4 * i] = picture.data[4 * i + 1] = picture.data[4 * i + 2] = value
  }
  canvas.getContext("2d")?.putImageData(picture, 0, 0)
}

/**
 * What of `original` is missing in `redrawn` in orange, what was added in blue.
 * @type {(canvas: HTMLCanvasElement, original: Numbers, redrawn: Numbers) => void}
 */
export function paintDifference(canvas, original, redrawn) {
  for (let i = 0; i < WIDTH * WIDTH; i++) {
    const difference = redrawn[i] - original[i]
    const strength = Math.abs(difference)
    const color = difference < 0 ? [255, 159, 64] : [90, 169, 255]
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = Math.round(strength * color[c])
  }
  canvas.getContext("2d")?.putImageData(picture, 0, 0)
}

/** @param {HTMLCanvasElement} canvas */
export function blank(canvas) {
  canvas.getContext("2d")?.clearRect(0, 0, WIDTH, WIDTH)
}
