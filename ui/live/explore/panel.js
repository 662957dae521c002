// One digit, large, and the z that it is decoded from: beside the rows or the sheet where a visitor
// chooses it.

import { contribute } from "../link.js"
import { append } from "../view.js"
import { button, describe, digitCanvas } from "./live_view.js"

export class DigitPanel {
  // `back()` is called to go back to the start; `host` is asked to take `z()` to Generate.
  constructor(parent, host, z, back) {
    const root = append(parent, "div", "panel")
    this.tiles = digitCanvas(root, "large", 1, 1, 0)
    const side = append(root, "div", "panel-side")
    this.caption = append(side, "p", "caption")
    const buttons = append(side, "div", "buttons")
    this.back = button(buttons, "Back to the start", host.guard(back))
    button(buttons, "Use in Generate", host.guard(() => this.takeToGenerate(host, z())))
    this.unlink = contribute("walk", () => {
      return this.back.disabled ? null : Array.from(z(), (v) => +v.toFixed(2)).join(",")
    })
  }

  // `moved`: whether z is another than at the start.
  show(pixels, caption, moved) {
    this.tiles.paint(pixels)
    describe(this.tiles, `The digit at ${caption}`)
    this.caption.textContent = caption
    this.back.disabled = !moved
  }

  // Python sets the knobs of Generate, and then the link to it is clicked.
  takeToGenerate(host, z) {
    const place = document.querySelector(".st-key-to_generate")
    const mark = () => place.querySelector("[data-taken]")?.dataset.taken
    const before = mark()
    this.taken?.disconnect()
    this.taken = new MutationObserver(() => {
      if (mark() === before) return
      this.taken.disconnect()
      place.querySelector("a").click()
    })
    this.taken.observe(place, { subtree: true, childList: true, attributes: true })
    host.trigger("use", { z: Array.from(z) })
  }

  close() {
    this.taken?.disconnect()
    this.unlink()
  }
}
