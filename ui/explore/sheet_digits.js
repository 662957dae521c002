// The digits of a sheet, which are drawn over several frames. While z changes, every fourth digit is
// decoded and stands for its neighbours, too; the others follow. A coarse sheet is finished before a
// newer one is begun, or none would ever be.

import { BATCH } from "../engine/memory.js"
import { digitCanvas } from "./live_view.js"

/** @import { Model } from "../engine/engine.js" */
/** @import { SheetData } from "./sheet.js" */

export class SheetDigits {
  /** @type {SheetData} */
  data

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.tiles = digitCanvas(parent, "", 1, 1)
    this.lines = 1
    this.outdated = false // Whether z is another than that of the digits that are being drawn.
    this.z = new Float32Array()
    // The digits that are still to be drawn: a number for each, line by line.
    /** @type {number[]} */
    this.coarse = []
    /** @type {number[]} */
    this.fine = []
  }

  /**
   * Another sheet; what is left of the one before is not drawn.
   * @param {SheetData} data
   */
  begin(data) {
    this.data = data
    this.lines = data.up === null ? 1 : data.axis.length
    this.tiles.resize(this.lines, data.axis.length, 0)
    this.coarse = []
    this.fine = []
    this.outdated = true
  }

  get left() {
    return this.coarse.length + this.fine.length > 0
  }

  /**
   * Draw some of the digits; returns whether others are left.
   * @param {Model} model
   * @param {Float32Array} z
   * @param {() => boolean} spent whether the time for it is over
   */
  draw(model, z, spent) {
    if (this.outdated && this.coarse.length === 0) this.plan(z)
    if (!this.left) return false
    do {
      const isCoarse = this.coarse.length > 0
      const some = (isCoarse ? this.coarse : this.fine).splice(0, BATCH)
      this.paint(model, some, isCoarse)
    } while (this.left && !spent())
    this.tiles.show()
    return this.outdated || this.left
  }

  /** @param {Float32Array} z */
  plan(z) {
    const columns = this.data.axis.length
    this.outdated = false
    this.z = z.slice()
    this.coarse = []
    this.fine = []
    for (let tile = 0; tile < this.lines * columns; tile++) {
      const isEven = tile % 2 === 0 && Math.floor(tile / columns) % 2 === 0
      const list = isEven ? this.coarse : this.fine
      list.push(tile)
    }
  }

  /**
   * @param {Model} model
   * @param {number[]} some of the digits
   * @param {boolean} isCoarse whether they stand for their neighbours
   */
  paint(model, some, isCoarse) {
    const { across, up, axis, prob } = this.data
    const { z, lines } = this
    const columns = axis.length
    const latents = new Float32Array(some.length * z.length)
    const probs = new Float32Array(some.length * 10)
    some.forEach((tile, k) => {
      latents.set(z, k * z.length)
      if (up !== null) latents[k * z.length + up] = axis[lines - 1 - Math.floor(tile / columns)]
      latents[k * z.length + across] = axis[tile % columns]
      probs.set(prob, 10 * k)
    })
    const pixels = model.decode(latents, probs)
    some.forEach((tile, k) => {
      const inRow = isCoarse && tile % columns < columns - 1 ? [tile, tile + 1] : [tile]
      for (const one of inRow) {
        this.tiles.put(one, pixels, k)
        const below = one + columns
        if (isCoarse && below < lines * columns) this.tiles.put(below, pixels, k)
      }
    })
  }
}
