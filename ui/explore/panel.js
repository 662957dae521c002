// One digit, large, and the z that it is decoded from: beside the rows or the sheet where a visitor
// chooses it.
//
// Trigger: use {z}, to take z to Generate.

import { contribute } from "../components/link.js"
import { toGenerate } from "../components/to_generate.js"
import { append } from "../components/view.js"
import { button, describe, digitCanvas } from "./live_view.js"

/** @import { Host } from "../components/view.js" */

export class DigitPanel {
  /**
   * @param {HTMLElement} parent
   * @param {Host} host
   * @param {() => Float32Array} z
   * @param {() => void} back called to go back to the start
   */
  constructor(parent, host, z, back) {
    const root = append(parent, "div", "panel")
    this.tiles = digitCanvas(root, "large", 1, 1)
    const side = append(root, "div", "panel-side")
    this.caption = append(side, "p", "caption")
    const buttons = append(side, "div", "buttons")
    this.back = button(buttons, "Back to the start")
    host.on(this.back, "click", back)
    const use = button(buttons, "Use in Generate")
    host.on(use, "click", () => toGenerate(host, z()))
    this.unlink = contribute("walk", () => {
      return this.back.disabled ? null : Array.from(z(), (v) => +v.toFixed(2)).join(",")
    })
  }

  /**
   * @param {Float32Array} pixels
   * @param {string} caption
   * @param {boolean} moved whether z is another than at the start
   */
  show(pixels, caption, moved) {
    this.tiles.paint(pixels)
    describe(this.tiles, `The digit at ${caption}`)
    this.caption.textContent = caption
    this.back.disabled = !moved
  }

  close() {
    this.unlink()
  }
}
