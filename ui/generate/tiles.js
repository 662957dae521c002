// Digits side by side on a <canvas> with as many pixels as they have, which CSS makes larger.

/** @import { Numbers } from "../engine/maths.js" */

const TILE = 28

export class Tiles {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    this.shape = ""
    this.columns = 0
    this.pitch = 0
    this.picture = new ImageData(1, 1)
    this.packed = new Uint32Array()
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {number} gap the number of pixels between two digits
   */
  resize(rows, columns, gap) {
    if (this.shape === `${rows} ${columns} ${gap}`) return
    this.shape = `${rows} ${columns} ${gap}`
    this.columns = columns
    this.pitch = TILE + gap
    this.canvas.width = columns * this.pitch - gap
    this.canvas.height = rows * this.pitch - gap
    this.picture = new ImageData(this.canvas.width, this.canvas.height)
    this.packed = new Uint32Array(this.picture.data.buffer)
    this.packed.fill(0xff000000)
  }

  /**
   * Pixels (n · 784,) in [0, 1], 0 black; what is behind the last digit stays black.
   * @param {Numbers} pixels
   */
  paint(pixels) {
    for (let tile = 0; tile * TILE * TILE < pixels.length; tile++) this.put(tile, pixels, tile)
    this.show()
  }

  /**
   * The digit `from` of pixels (n · 784,) in a tile; it is seen once `show` is called.
   * @type {(tile: number, pixels: Numbers, from: number) => void}
   */
  put(tile, pixels, from) {
    const width = this.canvas.width
    const left = (tile % this.columns) * this.pitch
    let row = Math.floor(tile / this.columns) * this.pitch * width + left
    for (let y = 0, i = from * TILE * TILE; y < TILE; y++, row += width) {
      for (let x = 0; x < TILE; x++) {
        const gray = (255 * pixels[i++] + 0.5) | 0
        this.packed[row + x] = 0xff000000 | (gray << 16) | (gray << 8) | gray
      }
    }
  }

  show() {
    this.canvas.getContext("2d")?.putImageData(this.picture, 0, 0)
  }
}
