// Two dimensions of z as a sheet of digits, which follows the sliders of the others.

import { element, set } from "../components/dom.js"
import { append, component } from "../components/view.js"
import { dimensionName, frameBudget, LiveView, short } from "./live_view.js"
import { DigitPanel } from "./panel.js"
import { SheetDigits } from "./sheet_digits.js"

/** @import { Host } from "../components/view.js" */
/** @import { Names, Place } from "./live_view.js" */

/**
 * @typedef {object} Axes
 * @property {string} model its id
 * @property {Names} names
 * @property {number} across the dimension from left to right
 * @property {number | null} up the dimension from below to above; null: the sheet has one row
 * @property {number[]} axis the values of both, ascending
 * @property {number[] | null} walked another z to start with, from a link
 * @property {number[]} others the other dimensions, those that change the picture most first
 * @property {number} reach of their sliders
 */

/** @typedef {Axes & Place} SheetData `z` is where the visitor starts */

/** @typedef {[number, number]} Spot shares of the sheet from the left and from below */

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const HOLD = 280 // Milliseconds after which a finger that is held still is followed.
const TAP = 5 // Pixels that a finger may move within a tap.

/** @extends {LiveView<SheetData>} */
class Sheet extends LiveView {
  /** @type {Float32Array} */
  z

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    const frame = append(this.root, "div", "frame")
    this.up = append(frame, "div", "axis up")
    this.sheet = append(frame, "div", "field")
    this.across = append(frame, "div", "axis across")
    this.digits = new SheetDigits(this.sheet)
    this.marker = append(this.sheet, "span", "cross")
    set(this.sheet, { tabindex: 0, role: "slider" })
    const side = append(this.root, "div", "side")
    const back = () => this.startAt(this.data.z)
    this.panel = new DigitPanel(side, host, () => this.z, back)
    this.knobs = append(side, "div", "knobs")
    this.start = "" // Where the visitor has started.
    /** @type {Float32Array | null} the z under a pointer that is not pressed */
    this.peeked = null
    this.holding = 0
    this.steer()
  }

  /** @param {SheetData} data */
  update(data) {
    const isFirst = this.start === ""
    const start = JSON.stringify([data.model, data.z])
    const isSame = start === this.start
    this.data = data
    this.start = start
    this.peeked = null
    this.digits.begin(data)
    this.startAt(isSame ? this.z : (isFirst && data.walked) || data.z)
    this.drawWith(data.model)
  }

  /** @param {number[] | Float32Array} z */
  startAt(z) {
    this.z = Float32Array.from(z)
    this.build()
    this.moved()
  }

  build() {
    const { names, across, up, axis, others } = this.data
    this.root.style.setProperty("--lines", String(this.digits.lines / axis.length))
    /** @param {number} i */
    const ends = (i) => [short(axis[0]), dimensionName(i, names), short(axis[axis.length - 1])]
    label(this.across, ends(across))
    label(this.up, up === null ? [] : ends(up).reverse())
    const called = this.dimensions.map((i) => dimensionName(i, names)).join(" across, ")
    this.sheet.setAttribute("aria-label", `Sheet of digits: ${called}`)
    this.knobs.replaceChildren(...others.map((i) => this.knob(i)))
  }

  // Those of the sheet.
  get dimensions() {
    const { across, up } = this.data
    return up === null ? [across] : [across, up]
  }

  /** @param {number} i */
  knob(i) {
    const { names, reach } = this.data
    const range = { type: "range", min: -reach, max: reach, step: 0.1, value: this.z[i] }
    const input = element("input", range)
    const output = element("output", {}, [short(this.z[i])])
    this.host.on(input, "input", () => {
      this.z[i] = Number(input.value)
      output.textContent = short(this.z[i])
      this.moved()
    })
    const name = element("span", {}, [dimensionName(i, names)])
    return element("label", { class: "knob" }, [name, input, output])
  }

  steer() {
    const { host, sheet } = this
    /** @param {PointerEvent} event */
    const held = (event) => sheet.hasPointerCapture(event.pointerId)
    /** @type {{x: number, y: number, z: Float32Array}} where it was pressed, and z then */
    let start
    // A finger that goes up or down scrolls the page, unless it was held still first.
    let follows = false
    host.on(sheet, "pointerdown", (event) => {
      if (event.button !== 0) return
      sheet.setPointerCapture(event.pointerId)
      start = { x: event.clientX, y: event.clientY, z: this.z }
      follows = event.pointerType !== "touch"
      if (follows) return this.pin(this.at(event))
      const follow = host.guard(() => {
        follows = true
        this.pin(this.at(event))
      })
      this.holding = setTimeout(follow, HOLD)
    })
    host.on(sheet, "pointermove", (event) => {
      if (!held(event)) {
        if (event.pointerType !== "touch") this.peek(this.zAt(this.at(event)))
        return
      }
      const far = Math.hypot(event.clientX - start.x, event.clientY - start.y) > TAP
      if (far) clearTimeout(this.holding)
      if (far || follows) this.pin(this.at(event))
    })
    host.on(sheet, "pointerup", (event) => {
      clearTimeout(this.holding)
      if (held(event)) this.pin(this.at(event))
    })
    host.on(sheet, "pointercancel", () => {
      clearTimeout(this.holding)
      if (start) this.goTo(start.z)
    })
    /** @param {Event} event */
    const keep = (event) => follows && event.preventDefault()
    host.on(sheet, "touchmove", keep, { passive: false })
    host.on(sheet, "contextmenu", (event) => event.pointerType === "touch" && keep(event))
    host.on(sheet, "pointerleave", () => this.peek(null))
    host.on(sheet, "keydown", (event) => {
      const move = MOVES[event.key]
      if (!move) return
      event.preventDefault()
      const { across, up, axis } = this.data
      const step = 1 / axis.length
      /** @param {number | null} i */
      const share = (i) => (i === null ? 0.5 : place(this.z[i], axis))
      this.pin([share(across) + move[0] * step, share(up) + move[1] * step])
    })
  }

  /**
   * Where an event is.
   * @param {PointerEvent} event
   * @returns {Spot}
   */
  at(event) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect()
    return [(event.clientX - left) / width, 1 - (event.clientY - top) / height]
  }

  /**
   * z with the two dimensions as there.
   * @param {Spot} spot
   */
  zAt([x, y]) {
    const { across, up, axis } = this.data
    const z = this.z.slice()
    if (up !== null) z[up] = valueAt(y, axis)
    z[across] = valueAt(x, axis)
    return z
  }

  /** @param {Spot} spot */
  pin(spot) {
    this.goTo(this.zAt(spot))
  }

  /**
   * Go to a z of this sheet, whose digits stay.
   * @param {Float32Array} z
   */
  goTo(z) {
    this.z = z
    this.peeked = null
    this.showMarker()
    this.drawSoon()
  }

  /** @param {Float32Array | null} z */
  peek(z) {
    this.peeked = z
    this.drawSoon()
  }

  // Other values of the other dimensions, so all digits are others.
  moved() {
    this.digits.outdated = true
    this.showMarker()
    this.drawSoon()
  }

  showMarker() {
    const { across, up, axis } = this.data
    this.marker.style.left = `${100 * place(this.z[across], axis)}%`
    this.marker.style.top = up === null ? "50%" : `${100 - 100 * place(this.z[up], axis)}%`
    set(this.sheet, {
      "aria-valuemin": axis[0],
      "aria-valuemax": axis[axis.length - 1],
      "aria-valuenow": this.z[across].toFixed(2),
      "aria-valuetext": this.caption(this.z),
    })
  }

  draw() {
    const { prob, z: start } = this.data
    if (this.z.length !== this.model.zDim) return false
    const spent = frameBudget()
    const shown = this.peeked ?? this.z
    const moved = this.z.some((value, i) => value !== Math.fround(start[i]))
    const pixels = this.model.decode(shown, Float32Array.from(prob))
    this.panel.show(pixels, this.caption(shown), moved)
    this.root.dataset.ready = ""
    return this.digits.draw(this.model, this.z, spent)
  }

  /** @param {Float32Array} z */
  caption(z) {
    const { names } = this.data
    return this.dimensions.map((i) => `${dimensionName(i, names)} = ${short(z[i])}`).join(", ")
  }

  close() {
    clearTimeout(this.holding)
    super.close()
    this.panel.close()
  }
}

/**
 * The value at a share of an axis whose values are the middles of equal parts.
 * @param {number} share
 * @param {number[]} axis
 */
function valueAt(share, axis) {
  const at = Math.min(Math.max(share * axis.length - 0.5, 0), axis.length - 1)
  const below = Math.min(Math.floor(at), axis.length - 2)
  return axis[below] + (at - below) * (axis[below + 1] - axis[below])
}

/**
 * The inverse of `valueAt`.
 * @param {number} value
 * @param {number[]} axis
 */
function place(value, axis) {
  const above = axis.findIndex((other) => other >= value)
  if (above === 0) return 0.5 / axis.length
  if (above < 0) return 1 - 0.5 / axis.length
  const part = (value - axis[above - 1]) / (axis[above] - axis[above - 1])
  return (above - 1 + part + 0.5) / axis.length
}

/**
 * @param {HTMLElement} axis
 * @param {string[]} texts
 */
function label(axis, texts) {
  axis.replaceChildren(...texts.map((text) => element("span", {}, [text])))
}

export default component(Sheet)
