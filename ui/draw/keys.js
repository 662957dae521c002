// A pen for the keyboard: keys move a cursor over the canvas and draw there as the mouse would.
// Ctrl+Z works wherever the focus is, as one draws with the mouse.
//
// Triggers: undo, to take back the last stroke.

import { component, View } from "../components/view.js"
import { total } from "../engine/maths.js"
import { actAsMouse, CANVAS_SIDE } from "./pen.js"

const STEP = 7 // Pixels of the canvas, as the next.
const LEAP = 28 // With Shift.
const QUIET = 500 // Milliseconds after a key until the place of the pen is spoken.
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** @extends {View<{}>} */
class KeyboardPen extends View {
  paper = this.part("paper")
  at = [CANVAS_SIDE / 2, CANVAS_SIDE / 2]
  /** @type {Set<string>} arrow keys: two at once move it diagonally */
  held = new Set()
  isDown = false
  timer = 0

  listen() {
    this.on("paper", "keydown", (event) => this.press(event))
    this.on("paper", "keyup", (event) => this.held.delete(event.key))
    this.on("paper", "focus", () => this.show())
    this.on("paper", "blur", () => {
      this.held.clear()
      this.lift()
    })
    this.host.on(document, "keydown", (event) => this.pressAnywhere(event))
  }

  close() {
    clearTimeout(this.timer)
  }

  /** @param {KeyboardEvent} event */
  pressAnywhere(event) {
    const [target] = /** @type {Element[]} */ (event.composedPath())
    const isText = target.matches("input:not([type=range]), textarea")
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "z"
    if (!isUndo || isText) return
    this.undo()
    event.preventDefault()
  }

  /** @param {KeyboardEvent} event */
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

  /** @param {number} length */
  move(length) {
    this.at = this.at.map((value, axis) => {
      const way = total([...this.held].map((key) => ARROWS[key][axis]))
      return Math.min(Math.max(value + length * way, 0), CANVAS_SIDE)
    })
    this.act("move")
  }

  lower() {
    this.isDown = true
    this.paper.dataset.used = ""
    this.act("down")
  }

  lift() {
    if (!this.isDown) return
    this.isDown = false
    this.act("up")
  }

  undo() {
    this.lift()
    this.host.trigger("undo", true)
    this.say("spoken", "The last stroke is taken back.")
  }

  /** @param {"down" | "move" | "up"} kind */
  act(kind) {
    if (this.isDown || kind === "up") actAsMouse(kind, this.at)
    this.show()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const [x, y] = this.at.map((value) => Math.round((100 * value) / CANVAS_SIDE))
      const state = this.isDown ? "down" : "up"
      this.say("spoken", `Pen ${state}, ${x} % from the left, ${y} % from the top.`)
    }, QUIET)
  }

  show() {
    const [left, top] = this.at.map((value) => `${(100 * value) / CANVAS_SIDE}%`)
    const cursor = this.part("cursor")
    Object.assign(cursor.style, { left, top })
    cursor.hidden = false
    this.paper.dataset.pen = this.isDown ? "down" : "up"
  }
}

export default component(KeyboardPen)
