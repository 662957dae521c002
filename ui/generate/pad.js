// A square on which a finger, the mouse or the arrow keys set two numbers from -reach to reach.

import { element, set } from "../components/dom.js"
import { Tiles } from "./tiles.js"

/** @import { Host } from "../components/view.js" */

const STEP = 0.1
const KEYS_REST = 400 // Milliseconds after the last arrow key until it counts as a release.
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

export const MAP_SIDE = 9

/**
 * What is called with each movement, and at its end.
 * @typedef {Record<"padMoved" | "padReleased", (x: number, y: number) => void>} Listener
 */

export class Pad {
  map = element("canvas", { class: "map", "aria-hidden": "true" })
  tiles = new Tiles(this.map)
  handle = element("div", { class: "handle" })
  names = ["across", "up"].map((side) => element("span", { class: `axis ${side}` }))
  square = element("div", { class: "pad", role: "slider", tabindex: "0" }, [
    this.map,
    element("div", { class: "line across" }),
    element("div", { class: "line up" }),
    this.handle,
    ...this.names,
  ])
  dragging = false
  timer = 0
  reach = 1
  /** @type {[number, number] | null} the two numbers */
  at = null
  called = ["", ""]

  /**
   * @param {Listener} listener
   * @param {Host} host
   */
  constructor(listener, host) {
    this.listener = listener
    host.on(this.square, "pointerdown", (event) => this.grasp(event))
    host.on(this.square, "pointermove", (event) => {
      if (this.dragging) this.moveTo(event)
    })
    // It comes after the release too, and when the square is hidden in the middle of a drag.
    host.on(this.square, "lostpointercapture", () => this.drop())
    host.on(this.square, "keydown", (event) => this.step(event))
    host.on(this.square, "blur", () => this.settle())
    this.settleLater = host.guard(() => this.settle())
  }

  /**
   * What the two numbers are called, and how far they go.
   * @type {(names: [string, string], reach: number) => void}
   */
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

  /** @type {(x: number, y: number) => void} */
  show(x, y) {
    this.at = [x, y]
    this.handle.style.left = `${50 + (50 * x) / this.reach}%`
    this.handle.style.top = `${50 - (50 * y) / this.reach}%`
    const text = this.at.map((value, i) => `${this.called[i]} ${value.toFixed(1)}`).join(", ")
    set(this.square, {
      "aria-valuetext": text,
      "aria-valuenow": x.toFixed(1),
      "aria-valuemin": -this.reach,
      "aria-valuemax": this.reach,
    })
  }

  /**
   * Digits (MAP_SIDE² · 784,) behind the square: what is drawn there.
   * @param {Float32Array} pixels
   */
  paintMap(pixels) {
    this.tiles.resize(MAP_SIDE, MAP_SIDE, 0)
    this.tiles.paint(pixels)
  }

  /** @param {PointerEvent} event */
  grasp(event) {
    if (event.button > 0) return
    this.square.setPointerCapture(event.pointerId)
    this.square.focus({ preventScroll: true })
    event.preventDefault()
    this.dragging = true
    this.moveTo(event)
  }

  /** @param {PointerEvent} event */
  moveTo(event) {
    const box = this.square.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * 2 - 1
    const y = 1 - ((event.clientY - box.top) / box.height) * 2
    this.move(x * this.reach, y * this.reach)
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const direction = MOVES[event.key]
    if (!direction || !this.at) return
    event.preventDefault()
    const length = event.shiftKey ? 5 * STEP : STEP
    const [x, y] = this.at
    this.move(rounded(x + length * direction[0]), rounded(y + length * direction[1]))
    clearTimeout(this.timer)
    this.timer = setTimeout(this.settleLater, KEYS_REST)
  }

  /** @type {(x: number, y: number) => void} */
  move(x, y) {
    /** @param {number} value */
    const within = (value) => Math.max(-this.reach, Math.min(this.reach, value))
    this.show(within(x), within(y))
    this.listener.padMoved(within(x), within(y))
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
    if (!this.at) return
    this.move(rounded(this.at[0]), rounded(this.at[1]))
    this.listener.padReleased(...this.at)
  }
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value / STEP) * STEP
}
