// A pen for the keyboard: keys move a cursor over the canvas and draw there as the mouse would.
// Ctrl+Z works wherever the focus is, as one draws with the mouse.
//
// Triggers: undo, to take back the last stroke.

import { component } from "../components/view.js"
import { actAsMouse, CANVAS_SIDE } from "./pen.js"

const STEP = 7, LEAP = 28 // Pixels of the canvas.
const QUIET = 500 // Milliseconds after a key until the place of the pen is spoken.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

class KeyboardPen {
  constructor(parent, host) {
    this.host = host
    this.paper = parent.querySelector(".paper")
    this.cursor = parent.querySelector(".cursor")
    this.spoken = parent.querySelector(".spoken")
    this.at = [CANVAS_SIDE / 2, CANVAS_SIDE / 2]
    this.held = new Set() // Arrow keys: two at once move it diagonally.
    this.isDown = false
    const on = (name, act) => this.paper.addEventListener(name, host.guard(act))
    on("keydown", (event) => this.press(event))
    on("keyup", (event) => this.held.delete(event.key))
    on("focus", () => this.show())
    on("blur", () => {
      this.held.clear()
      this.lift()
    })
    this.onKey = host.guard((event) => this.pressAnywhere(event))
    document.addEventListener("keydown", this.onKey)
  }

  update() {}

  close() {
    clearTimeout(this.timer)
    document.removeEventListener("keydown", this.onKey)
  }

  pressAnywhere(event) {
    const isText = event.composedPath()[0].matches("input:not([type=range]), textarea")
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "z"
    if (!isUndo || isText) return
    this.undo()
    event.preventDefault()
  }

  press(event) {
    const { key } = event
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (key in ARROWS) {
      this.held.add(key)
      this.move(event.shiftKey ? LEAP : STEP)
    } else if (key === " " || key === "Enter") {
      if (!event.repeat) this.isDown ? this.lift() : this.lower()
    } else if (key === "Escape") {
      this.lift()
    } else if (key === "Backspace") {
      this.undo()
    } else return
    event.preventDefault()
  }

  move(length) {
    const way = [0, 1].map((axis) => [...this.held].reduce((sum, key) => sum + ARROWS[key][axis], 0))
    this.at = this.at.map((value, axis) => {
      return Math.min(Math.max(value + length * way[axis], 0), CANVAS_SIDE)
    })
    if (this.isDown) actAsMouse("move", ...this.at)
    this.show()
    this.speakSoon()
  }

  lower() {
    this.isDown = true
    this.paper.dataset.used = ""
    actAsMouse("down", ...this.at)
    this.show()
    this.speakSoon()
  }

  lift() {
    if (!this.isDown) return
    this.isDown = false
    actAsMouse("up", ...this.at)
    this.show()
    this.speakSoon()
  }

  undo() {
    this.lift()
    this.host.trigger("undo", true)
    this.spoken.textContent = "The last stroke is taken back."
  }

  show() {
    const [x, y] = this.at.map((value) => `${(100 * value) / CANVAS_SIDE}%`)
    Object.assign(this.cursor.style, { left: x, top: y })
    this.cursor.hidden = false
    this.paper.dataset.pen = this.isDown ? "down" : "up"
  }

  speakSoon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const [x, y] = this.at.map((value) => Math.round((100 * value) / CANVAS_SIDE))
      const state = this.isDown ? "down" : "up"
      this.spoken.textContent = `Pen ${state}, ${x} % from the left, ${y} % from the top.`
    }, QUIET)
  }
}

export default component(KeyboardPen)
