// Two dimensions of z as a sheet of digits, which follows the sliders of the others.
//
// data: {
//   model: id, names: {"3": "slant"}
//   across, up: the two dimensions; up null: the sheet has one row
//   axis: their values, ascending
//   z: (zDim,), to start with; title: what that is, in words; prob: the decoder's digit, (10,)
//   walked: another z from a link, or null
//   others: the other dimensions, those that change the picture most first
//   reach: of their sliders
// }
// Trigger: use {z}, to take z to Generate.

import { append, component } from "../components/view.js"
import { digitCanvas, dimensionName, frameBudget, LiveView, short } from "./live_view.js"
import { DigitPanel } from "./panel.js"

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const HOLD = 280 // Milliseconds after which a finger that is held still is followed.
const TAP = 5 // Pixels that a finger may move within a tap.
const AT_ONCE = 10 // Digits that the model decodes together: BATCH of ../model/memory.js.

class Sheet extends LiveView {
  constructor(root, host) {
    super(root.querySelector(".view"), host)
    const frame = append(this.root, "div", "frame")
    this.up = append(frame, "div", "axis up")
    this.field = append(frame, "div", "field")
    this.across = append(frame, "div", "axis across")
    this.tiles = digitCanvas(this.field, "", 1, 1, 0)
    this.marker = append(this.field, "span", "cross")
    this.field.tabIndex = 0
    this.field.setAttribute("role", "slider")
    const side = append(this.root, "div", "side")
    this.panel = new DigitPanel(side, host, () => this.z, () => this.start())
    this.knobs = append(side, "div", "knobs")
    this.steer()
  }

  update(data) {
    const first = this.data === undefined
    const start = JSON.stringify([data.model, data.z])
    const same = start === this.startKey
    this.data = data
    this.startKey = start
    this.peeked = null
    this.work = undefined // What is left of it is for the old data.
    if (!same) this.z = Float32Array.from((first && data.walked) || data.z)
    this.build()
    this.moved()
    this.drawWith(data.model)
  }

  start() {
    this.z = Float32Array.from(this.data.z)
    this.build()
    this.moved()
  }

  get lines() {
    return this.data.up === null ? 1 : this.data.axis.length
  }

  build() {
    const { names, across, up, axis, others } = this.data
    this.root.style.setProperty("--lines", this.lines / axis.length)
    this.tiles.resize(this.lines, axis.length, 0)
    const ends = (i) => [short(axis[0]), dimensionName(i, names), short(axis[axis.length - 1])]
    label(this.across, ends(across))
    label(this.up, up === null ? [] : ends(up).reverse())
    const called = [across, up].filter((i) => i !== null).map((i) => dimensionName(i, names))
    this.field.setAttribute("aria-label", `Sheet of digits: ${called.join(" across, ")}`)
    this.knobs.replaceChildren(...others.map((i) => this.knob(i)))
  }

  knob(i) {
    const { names, reach } = this.data
    const line = append(this.knobs, "label", "knob")
    append(line, "span", "", dimensionName(i, names))
    const input = append(line, "input")
    Object.assign(input, { type: "range", min: -reach, max: reach, step: 0.1, value: this.z[i] })
    const output = append(line, "output", "", short(this.z[i]))
    input.addEventListener("input", this.host.guard(() => {
      this.z[i] = Number(input.value)
      output.textContent = short(this.z[i])
      this.moved()
    }))
    return line
  }

  steer() {
    const on = (name, act, options) => {
      this.field.addEventListener(name, this.host.guard(act), options)
    }
    const held = (event) => this.field.hasPointerCapture(event.pointerId)
    let start = null // {x, y, z} of a press.
    // A finger that goes up or down scrolls the page, unless it was held still first.
    let follows = false
    on("pointerdown", (event) => {
      if (event.button !== 0) return
      this.field.setPointerCapture(event.pointerId)
      start = { x: event.clientX, y: event.clientY, z: this.z }
      follows = event.pointerType !== "touch"
      if (follows) return this.pin(this.at(event))
      this.holding = setTimeout(this.host.guard(() => {
        follows = true
        this.pin(this.at(event))
      }), HOLD)
    })
    on("pointermove", (event) => {
      if (!held(event)) return event.pointerType !== "touch" && this.peek(this.at(event))
      const far = Math.hypot(event.clientX - start.x, event.clientY - start.y) > TAP
      if (far) clearTimeout(this.holding)
      if (far || follows) this.pin(this.at(event))
    })
    on("pointerup", (event) => {
      clearTimeout(this.holding)
      if (held(event)) this.pin(this.at(event))
    })
    on("pointercancel", () => {
      clearTimeout(this.holding)
      if (start) this.goTo(start.z)
    })
    on("touchmove", (event) => follows && event.preventDefault(), { passive: false })
    on("contextmenu", (event) => follows && event.pointerType === "touch" && event.preventDefault())
    on("pointerleave", () => this.peek(null))
    on("keydown", (event) => {
      const move = MOVES[event.key]
      if (!move) return
      event.preventDefault()
      const { across, up, axis } = this.data
      const step = 1 / axis.length
      const share = (i) => (i === null ? 0.5 : place(this.z[i], axis))
      this.pin([share(across) + move[0] * step, share(up) + move[1] * step])
    })
  }

  // Where an event is, as shares of the sheet from the left and from below.
  at(event) {
    const { left, top, width, height } = this.field.getBoundingClientRect()
    return [(event.clientX - left) / width, 1 - (event.clientY - top) / height]
  }

  // z with the two dimensions as at a place of the sheet.
  zAt([x, y]) {
    const { across, up, axis } = this.data
    const z = this.z.slice()
    if (up !== null) z[up] = valueAt(y, axis)
    z[across] = valueAt(x, axis)
    return z
  }

  pin(place) {
    this.goTo(this.zAt(place))
  }

  // Go to a z of this sheet, whose digits stay.
  goTo(z) {
    this.z = z
    this.peeked = null
    this.showMarker()
    this.drawSoon()
  }

  peek(place) {
    this.peeked = place && this.zAt(place)
    this.drawSoon()
  }

  // Other values of the other dimensions, so all digits are others.
  moved() {
    this.outdated = true
    this.showMarker()
    this.drawSoon()
  }

  showMarker() {
    const { across, up, axis, names } = this.data
    this.marker.style.left = `${100 * place(this.z[across], axis)}%`
    this.marker.style.top = up === null ? "50%" : `${100 - 100 * place(this.z[up], axis)}%`
    const text = caption(this.z, across, up, names)
    this.field.setAttribute("aria-valuemin", axis[0])
    this.field.setAttribute("aria-valuemax", axis[axis.length - 1])
    this.field.setAttribute("aria-valuenow", this.z[across].toFixed(2))
    this.field.setAttribute("aria-valuetext", text)
  }

  // While a slider moves, every fourth digit is decoded and stands for its neighbours, too; the
  // others follow. A coarse sheet is finished before a newer one is begun, or none would ever be.
  draw() {
    const { prob, across, up, names, z: start } = this.data
    if (this.z.length !== this.model.zDim) return false
    const spent = frameBudget()
    const shown = this.peeked ?? this.z
    const moved = this.z.some((value, i) => value !== Math.fround(start[i]))
    const pixels = this.model.decode(shown, Float32Array.from(prob))
    this.panel.show(pixels, caption(shown, across, up, names), moved)
    this.root.dataset.ready = ""
    if (this.outdated && !(this.work?.coarse.length > 0)) {
      this.outdated = false
      this.work = this.plan()
    }
    const { work } = this
    const left = () => work.coarse.length + work.fine.length > 0
    if (!left()) return this.outdated
    do {
      const list = work.coarse.length > 0 ? work.coarse : work.fine
      this.paint(work, list.splice(0, AT_ONCE), list === work.coarse)
    } while (left() && !spent())
    this.tiles.show()
    return this.outdated || left()
  }

  plan() {
    const columns = this.data.axis.length
    const work = { z: this.z.slice(), data: this.data, lines: this.lines, coarse: [], fine: [] }
    for (let tile = 0; tile < this.lines * columns; tile++) {
      const even = tile % 2 === 0 && Math.floor(tile / columns) % 2 === 0
      work[even ? "coarse" : "fine"].push(tile)
    }
    return work
  }

  paint({ z, data: { across, up, axis, prob }, lines }, tiles, coarse) {
    const columns = axis.length
    const latents = new Float32Array(tiles.length * z.length)
    const probs = new Float32Array(tiles.length * 10)
    tiles.forEach((tile, k) => {
      latents.set(z, k * z.length)
      if (up !== null) latents[k * z.length + up] = axis[lines - 1 - Math.floor(tile / columns)]
      latents[k * z.length + across] = axis[tile % columns]
      probs.set(prob, 10 * k)
    })
    const pixels = this.model.decode(latents, probs)
    tiles.forEach((tile, k) => {
      const inRow = coarse && tile % columns < columns - 1 ? [tile, tile + 1] : [tile]
      for (const one of inRow) {
        this.tiles.put(one, pixels, k)
        const below = one + columns
        if (coarse && below < lines * columns) this.tiles.put(below, pixels, k)
      }
    })
  }

  close() {
    clearTimeout(this.holding)
    super.close()
    this.panel.close()
  }
}

// The value at a share of an axis whose values are the middles of equal parts.
function valueAt(share, axis) {
  const at = Math.min(Math.max(share * axis.length - 0.5, 0), axis.length - 1)
  const below = Math.min(Math.floor(at), axis.length - 2)
  return axis[below] + (at - below) * (axis[below + 1] - axis[below])
}

// The inverse of `valueAt`.
function place(value, axis) {
  const above = axis.findIndex((other) => other >= value)
  if (above === 0) return 0.5 / axis.length
  if (above < 0) return 1 - 0.5 / axis.length
  const part = (value - axis[above - 1]) / (axis[above] - axis[above - 1])
  return (above - 1 + part + 0.5) / axis.length
}

function caption(z, across, up, names) {
  const dimensions = up === null ? [across] : [across, up]
  return dimensions.map((i) => `${dimensionName(i, names)} = ${short(z[i])}`).join(", ")
}

function label(axis, texts) {
  axis.replaceChildren()
  for (const text of texts) append(axis, "span", "", text)
}

export default component(Sheet)
