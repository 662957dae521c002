// A row for each dimension of z: a slider whose track shows what each of its values leads to.
//
// data: {
//   model: id, order: the dimensions from above to below, names: {"3": "slant"}
//   effects: how much each dimension changes the picture, the largest 1
//   z: (zDim,), to start with; title: what that is, in words; prob: the decoder's digit, (10,)
//   walked: another z from a link, or null, values: of the columns, ascending
// }
// Trigger: use {z}, to take z to Generate.

import { append, component } from "../components/view.js"
import { dimensionName, frameBudget, LiveView, short } from "./live_view.js"
import { DigitPanel } from "./panel.js"
import { Track } from "./track.js"

const NEXT_ROW = { ArrowUp: -1, ArrowDown: 1 }

class Traversals extends LiveView {
  constructor(root, host) {
    super(root.querySelector(".view"), host)
    this.list = append(this.root, "div", "rows")
    this.panel = new DigitPanel(this.root, host, () => this.z, () => this.goTo(this.data.z))
    this.rows = []
    this.next = 0
  }

  update(data) {
    const first = this.data === undefined
    const start = JSON.stringify([data.model, data.z])
    this.data = data
    if (start !== this.start) this.z = Float32Array.from((first && data.walked) || data.z)
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
    this.root.style.setProperty("--rows", order.length)
    this.root.style.setProperty("--columns", values.length)
    const scale = append(this.list, "div", "scale")
    scale.setAttribute("aria-hidden", "true")
    append(scale, "span", "name")
    const marks = append(scale, "div", "marks")
    for (const value of values) append(marks, "span", "", short(value))
    append(scale, "span", "value")
    this.rows = order.map((i) => this.row(i))
  }

  row(i) {
    const { names, values, effects } = this.data
    const line = append(this.list, "div", "row")
    const name = append(line, "span", "name", dimensionName(i, names))
    const effect = append(name, "span", "effect")
    effect.style.setProperty("--share", effects[i])
    const track = new Track(line, values.length, this.host, {
      moved: (share) => this.move(i, this.valueAt(share)),
      pointed: (share) => this.peek(i, share === null ? null : this.valueAt(share)),
    })
    track.root.addEventListener("keydown", this.host.guard((event) => this.nextRow(event, i)))
    const value = append(line, "span", "value")
    return { i, track, value, dirty: true }
  }

  nextRow(event, i) {
    if (!(event.key in NEXT_ROW)) return
    event.preventDefault()
    this.rows[this.data.order.indexOf(i) + NEXT_ROW[event.key]]?.track.root.focus()
  }

  valueAt(share) {
    const { values } = this.data
    return values[0] + share * (values[values.length - 1] - values[0])
  }

  shareOf(value) {
    const { values } = this.data
    return (value - values[0]) / (values[values.length - 1] - values[0])
  }

  move(i, value) {
    this.peeked = null
    const z = this.z.slice()
    z[i] = Math.round(10 * value) / 10 // As fine as the knobs of Generate.
    this.goTo(z, i)
  }

  // Show the digit under a pointer that is not pressed; null: that of z again.
  peek(i, value) {
    if (value === null) this.peeked = null
    else {
      this.peeked = this.z.slice()
      this.peeked[i] = value
    }
    this.drawSoon()
  }

  // `kept`: the dimension whose row stays as it is, since only that dimension has changed.
  goTo(z, kept = -1) {
    const { names, values } = this.data
    const same = this.z.every((value, i) => i === kept || value === z[i])
    this.z = Float32Array.from(z)
    for (const row of this.rows) {
      const value = this.z[row.i]
      if (kept < 0 || row.i !== kept || !same) row.dirty = true
      row.value.textContent = short(value)
      const name = dimensionName(row.i, names)
      row.track.describe(name, values[0], values[values.length - 1], value.toFixed(2))
      row.track.show(this.shareOf(value), short(value))
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
      for (let k = 0; k < columns; k++) {
        latents.set(this.z, k * zDim)
        latents[k * zDim + row.i] = values[k]
      }
      row.track.tiles.paint(this.model.decode(latents, probs))
      row.dirty = false
      if (spent()) break
    }
    return this.rows.some((row) => row.dirty)
  }

  caption(z, moved) {
    if (this.peeked) {
      const i = z.findIndex((value, k) => value !== this.z[k])
      if (i >= 0) return `${dimensionName(i, this.data.names)} = ${short(z[i])}`
    }
    return moved ? `A z of your own, from ${this.data.title}` : capital(this.data.title)
  }

  close() {
    super.close()
    this.panel.close()
  }
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export default component(Traversals)
