// A square on which a finger, the mouse or the arrow keys set two numbers from -reach to reach.

import { element } from "../dom.js"
import { Tiles } from "./tiles.js"

const STEP = 0.1
const KEYS_REST = 400 // Milliseconds after the last arrow key until it counts as a release.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

export const MAP_SIDE = 9

export class Pad {
  // `moved(x, y)` is called with every movement, `released(x, y)` at its end; `guard(act)` returns
  // a function that does the same as `act` and reports its error.
  constructor(moved, released, guard) {
    this.report = { moved, released }
    this.map = element("canvas", { class: "map", "aria-hidden": "true" })
    this.tiles = new Tiles(this.map)
    this.handle = element("div", { class: "handle" })
    this.names = ["across", "up"].map((side) => element("span", { class: `axis ${side}` }))
    this.square = element("div", { class: "pad", role: "slider", tabindex: "0" }, [
      this.map,
      element("div", { class: "line across" }),
      element("div", { class: "line up" }),
      this.handle,
      ...this.names,
    ])
    this.dragging = false
    this.timer = 0
    const on = (name, act) => this.square.addEventListener(name, guard(act))
    on("pointerdown", (event) => this.grasp(event))
    on("pointermove", (event) => { if (this.dragging) this.moveTo(event) })
    // It comes after the release too, and when the square is hidden in the middle of a drag.
    on("lostpointercapture", () => this.drop())
    on("keydown", (event) => this.step(event))
    on("blur", () => this.settle())
    this.settleLater = guard(() => this.settle())
  }

  // What the two numbers are called, and how far they go.
  describe([across, up], reach) {
    this.reach = reach
    this.names[0].textContent = `${across} →`
    this.names[1].textContent = `${up} ↑`
    this.called = [across, up]
    this.square.setAttribute("aria-label", `${across} across, ${up} up`)
  }

  // Whether a value is on its way that has not been released.
  get busy() {
    return this.dragging || this.timer !== 0
  }

  show(x, y) {
    this.at = [x, y]
    this.handle.style.left = `${50 + (50 * x) / this.reach}%`
    this.handle.style.top = `${50 - (50 * y) / this.reach}%`
    const text = this.at.map((value, i) => `${this.called[i]} ${value.toFixed(1)}`).join(", ")
    this.square.setAttribute("aria-valuetext", text)
    this.square.setAttribute("aria-valuenow", x.toFixed(1))
    this.square.setAttribute("aria-valuemin", -this.reach)
    this.square.setAttribute("aria-valuemax", this.reach)
  }

  // Digits (MAP_SIDE² · 784,) behind the square: what is drawn there.
  paintMap(pixels) {
    this.tiles.resize(MAP_SIDE, MAP_SIDE, 0)
    this.tiles.paint(pixels)
  }

  grasp(event) {
    if (event.button > 0) return
    this.square.setPointerCapture(event.pointerId)
    this.square.focus({ preventScroll: true })
    event.preventDefault()
    this.dragging = true
    this.moveTo(event)
  }

  moveTo(event) {
    const box = this.square.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * 2 - 1
    const y = 1 - ((event.clientY - box.top) / box.height) * 2
    this.move(x * this.reach, y * this.reach)
  }

  step(event) {
    const direction = MOVES[event.key]
    if (!direction || !this.at) return
    event.preventDefault()
    const length = event.shiftKey ? 5 * STEP : STEP
    this.move(...this.at.map((value, i) => rounded(value + length * direction[i])))
    clearTimeout(this.timer)
    this.timer = setTimeout(this.settleLater, KEYS_REST)
  }

  move(x, y) {
    const within = (value) => Math.max(-this.reach, Math.min(this.reach, value))
    this.show(within(x), within(y))
    this.report.moved(...this.at)
  }

  close() {
    clearTimeout(this.timer)
  }

  drop() {
    if (!this.dragging) return
    this.dragging = false
    this.release()
  }

  settle() {
    if (!this.timer) return
    clearTimeout(this.timer)
    this.timer = 0
    this.release()
  }

  // The knobs have steps of a tenth, so the picture is one that they can show.
  release() {
    this.move(...this.at.map(rounded))
    this.report.released(...this.at)
  }
}

function rounded(value) {
  return Math.round(value / STEP) * STEP
}
