// One digit, large, and the z that it is decoded from: beside the rows or the sheet where a visitor
// chooses it.

import { contribute } from "../components/link.js"
import { ToGenerate } from "../components/to_generate.js"
import { append } from "../components/view.js"
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
    this.toGenerate = new ToGenerate()
    button(buttons, "Use in Generate", host.guard(() => this.toGenerate.go(host.trigger, z())))
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

  close() {
    this.toGenerate.close()
    this.unlink()
  }
}
