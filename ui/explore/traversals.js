// A row for each dimension of z: a slider whose track shows what each of its values leads to.

import { append, component } from "../components/view.js"
import { dimensionName, frameBudget, LiveView, short } from "./live_view.js"
import { DigitPanel } from "./panel.js"
import { Track } from "./track.js"

/** @import { Host } from "../components/view.js" */
/** @import { Names, Place } from "./live_view.js" */

/**
 * @typedef {object} Rows
 * @property {string} model its id
 * @property {number[]} order the dimensions from above to below
 * @property {Names} names
 * @property {number[]} effects how much each dimension changes the picture, the largest 1
 * @property {number[] | null} walked another z to start with, from a link
 * @property {number[]} values of the columns, ascending
 */

/** @typedef {Rows & Place} TraversalsData `z` is where the visitor starts */

/** @typedef {{i: number, track: Track, value: HTMLElement, dirty: boolean}} Row of dimension i */

/** @type {Record<string, number>} */
const NEXT_ROW = { ArrowUp: -1, ArrowDown: 1 }

/** @extends {LiveView<TraversalsData>} */
class Traversals extends LiveView {
  /** @type {Float32Array} */
  z

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.list = append(this.root, "div", "rows")
    const back = () => this.goTo(this.data.z)
    this.panel = new DigitPanel(this.root, host, () => this.z, back)
    this.shape = ""
    this.start = "" // Where the visitor has started.
    /** @type {Float32Array | null} the z under a pointer that is not pressed */
    this.peeked = null
    /** @type {Row[]} */
    this.rows = []
    this.next = 0 // The row that is looked at first in the next frame.
  }

  /** @param {TraversalsData} data */
  update(data) {
    const isFirst = this.start === ""
    const start = JSON.stringify([data.model, data.z])
    this.data = data
    if (start !== this.start) this.z = Float32Array.from((isFirst && data.walked) || data.z)
    this.start = start
    this.peeked = null
    this.build()
    this.goTo(this.z)
    this.drawWith(data.model)
  }

  build() {
    const { order, names, values } = this.data
    const shape = JSON.stringify([order, names, values])
    if (shape === this.shape) return
    this.shape = shape
    this.list.replaceChildren()
    this.root.style.setProperty("--rows", String(order.length))
    this.root.style.setProperty("--columns", String(values.length))
    const scale = append(this.list, "div", "scale")
    scale.setAttribute("aria-hidden", "true")
    append(scale, "span", "name")
    const marks = append(scale, "div", "marks")
    for (const value of values) append(marks, "span", "", short(value))
    append(scale, "span", "value")
    this.rows = order.map((i) => this.row(i))
  }

  /**
   * @param {number} i
   * @returns {Row}
   */
  row(i) {
    const { names, values, effects } = this.data
    const line = append(this.list, "div", "row")
    const name = append(line, "span", "name", dimensionName(i, names))
    append(name, "span", "effect").style.setProperty("--share", String(effects[i]))
    const track = new Track(
      line,
      values.length,
      this.host,
      (share) => this.move(i, this.valueAt(share)),
      (share) => this.peek(i, share === null ? null : this.valueAt(share)),
    )
    this.host.on(track.root, "keydown", (event) => this.nextRow(event, i))
    return { i, track, value: append(line, "span", "value"), dirty: true }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  nextRow(event, i) {
    if (!(event.key in NEXT_ROW)) return
    event.preventDefault()
    this.rows[this.data.order.indexOf(i) + NEXT_ROW[event.key]]?.track.root.focus()
  }

  get ends() {
    const { values } = this.data
    return [values[0], values[values.length - 1]]
  }

  /** @param {number} share */
  valueAt(share) {
    const [low, high] = this.ends
    return low + share * (high - low)
  }

  /**
   * @param {number} i
   * @param {number} value
   */
  move(i, value) {
    this.peeked = null
    const z = this.z.slice()
    z[i] = Math.round(10 * value) / 10 // As fine as the knobs of Generate.
    this.goTo(z, i)
  }

  /**
   * Show the digit under a pointer that is not pressed.
   * @param {number} i
   * @param {number | null} value null: that of z again
   */
  peek(i, value) {
    this.peeked = value === null ? null : this.z.with(i, value)
    this.drawSoon()
  }

  /**
   * @param {number[] | Float32Array} z
   * @param {number} kept the dimension whose row stays as it is, since only that dimension changes
   */
  goTo(z, kept = -1) {
    const { names } = this.data
    const [low, high] = this.ends
    const isSame = this.z.every((value, i) => i === kept || value === z[i])
    this.z = Float32Array.from(z)
    for (const row of this.rows) {
      const value = this.z[row.i]
      if (row.i !== kept || !isSame) row.dirty = true
      row.value.textContent = short(value)
      row.track.describe(dimensionName(row.i, names), low, high, value.toFixed(2))
      row.track.show((value - low) / (high - low), short(value))
    }
    this.drawSoon()
  }

  draw() {
    const { values, prob, z: start } = this.data
    const { zDim } = this.model
    if (this.z.length !== zDim) return false
    const spent = frameBudget()
    const shown = this.peeked ?? this.z
    const moved = this.z.some((value, i) => value !== Math.fround(start[i]))
    const pixels = this.model.decode(shown, Float32Array.from(prob))
    this.panel.show(pixels, this.caption(shown, moved), moved)
    this.root.dataset.ready = ""
    const columns = values.length
    const probs = Float32Array.from({ length: 10 * columns }, (_, k) => prob[k % 10])
    for (let count = this.rows.length; count > 0; count--) {
      const row = this.rows[this.next % this.rows.length]
      this.next = (this.next + 1) % this.rows.length
      if (!row.dirty) continue
      const latents = new Float32Array(columns * zDim)
      for (let k = 0; k < columns; k++) latents.set(this.z.with(row.i, values[k]), k * zDim)
      row.track.tiles.paint(this.model.decode(latents, probs))
      row.dirty = false
      if (spent()) break
    }
    return this.rows.some((row) => row.dirty)
  }

  /**
   * @param {Float32Array} z
   * @param {boolean} moved
   */
  caption(z, moved) {
    const { names, title } = this.data
    const i = z.findIndex((value, k) => value !== this.z[k])
    if (i >= 0) return `${dimensionName(i, names)} = ${short(z[i])}`
    return moved ? `A z of your own, from ${title}` : title.charAt(0).toUpperCase() + title.slice(1)
  }

  close() {
    super.close()
    this.panel.close()
  }
}

export default component(Traversals)
