// The picture of the Generate page. It is drawn from the values of Streamlit's sliders, while
// these are being dragged; the server is not asked. Once it has drawn, it has `data-drawn`.
//
// Trigger: pad {key: value, key: value} when the pad is released.

import { element } from "../components/dom.js"
import { decoded } from "../components/numbers.js"
import { component, View } from "../components/view.js"
import { model, peek } from "../engine/model_cache.js"
import { MAP_SIDE, Pad } from "./pad.js"
import { digitsOwn, forEachDigit, labels, sampleAround, sweep, traverse } from "./samples.js"
import { Sliders } from "./sliders.js"
import { Tiles } from "./tiles.js"

const PAD_WAIT = 3000 // Milliseconds after which the sliders count again, whatever the pad said.
const MAP_REST = 120 // Milliseconds without a change after which the map behind the pad is drawn.

/** @import { Model } from "../engine/engine.js" */
/** @import { Gaussians } from "./samples.js" */

/**
 * @typedef {object} GridData
 * @property {string} model its id
 * @property {string[]} knobs keys of the sliders of z
 * @property {string} contrast key of that slider; "count" and "spread" are the others
 * @property {number[]} digits
 * @property {"Sample" | "Sweep" | "Pad"} mode
 * @property {boolean} labelled whether the model gets the digits; else each is a row, and its tiles
 *   differ in z
 * @property {string} eps (12 · knobs,) in a Sample; without labels as many for each row, also in a
 *   Sweep; base64
 * @property {{mean: string, root: string} | null} own of the digits' Gaussians, base64
 * @property {string} swept key of a knob
 * @property {[string, string]} pad keys of knobs
 * @property {[string, string]} padNames what these are called
 * @property {number} padColumns digits in a line below the pad
 * @property {number} reach of the knobs
 * @property {number} gap pixels between two digits
 */

/** @extends {View<GridData>} */
class Grid extends View {
  /** @type {GridData} */
  data

  root = this.part("grid")
  frame = 0 // The request of the frame in which it has been drawn already.
  late = false
  mapTimer = 0
  padTimer = 0
  mapped = ""
  shape = ""
  /** @type {Float32Array} */
  eps
  /** @type {Gaussians | null} */
  own = null
  /** @type {Model | undefined} */
  model
  /** @type {Map<string, number>} what the pad has set and the sliders do not show yet */
  padded = new Map()
  pad = new Pad(this, this.host)
  canvas = element("canvas", {
    role: "img",
    width: 0,
    height: 0,
    "aria-label": "A grid of generated digits",
    "aria-describedby": "about",
  })
  about = element("p", { id: "about", role: "status" })
  tiles = new Tiles(this.canvas)
  across = element("div", { class: "columns", "aria-hidden": "true" })
  down = element("div", { class: "rows", "aria-hidden": "true" })
  corner = element("div", { class: "corner", "aria-hidden": "true" })
  sliders = new Sliders(this.host, () => this.slid())

  listen() {
    const parts = [this.corner, this.across, this.down, this.canvas]
    const picture = element("div", { class: "picture" }, parts)
    this.root.replaceChildren(this.pad.square, picture, this.about)
  }

  close() {
    this.pad.close()
    cancelAnimationFrame(this.frame)
    clearTimeout(this.mapTimer)
    clearTimeout(this.padTimer)
  }

  /** @param {GridData} data */
  update(data) {
    this.data = data
    this.eps = decoded(data.eps)
    this.own = data.own && { mean: decoded(data.own.mean), root: decoded(data.own.root) }
    this.root.dataset.mode = data.mode
    this.pad.describe(data.padNames, data.reach)
    this.padded.clear()
    if (this.model?.id !== data.model) this.load(data.model)
    this.sliders.follow([...data.knobs, "count", "spread", data.contrast], data.knobs)
    this.draw()
  }

  /**
   * The sliders count only together with the model that they belong to.
   * @param {string} id
   */
  load(id) {
    this.model = peek(id)
    if (this.model) return
    this.root.removeAttribute("data-drawn")
    model(id)
      .then((loaded) => {
        if (this.data.model !== id) return
        this.model = loaded
        this.draw()
      })
      .catch(this.host.report)
  }

  slid() {
    for (const [key, value] of this.padded) {
      const there = Math.abs((this.sliders.value(key) ?? NaN) - value) < 0.01
      if (!this.pad.busy && (there || this.sliders.held(key))) this.padded.delete(key)
    }
    this.drawSoon()
  }

  /** @type {(x: number, y: number) => void} */
  padMoved(x, y) {
    const [across, up] = this.data.pad
    this.padded.set(up, y)
    this.padded.set(across, x)
    this.drawSoon()
  }

  /** @type {(x: number, y: number) => void} */
  padReleased(x, y) {
    const [across, up] = this.data.pad
    const values = { [up]: y, [across]: x }
    this.host.trigger("pad", values)
    clearTimeout(this.padTimer)
    this.padTimer = setTimeout(
      this.host.guard(() => {
        if (this.pad.busy) return
        this.padded.clear()
        this.drawSoon()
      }),
      PAD_WAIT,
    )
  }

  // At once, but once in a frame.
  drawSoon() {
    this.late = Boolean(this.frame)
    if (this.late) return
    this.draw()
    this.frame = requestAnimationFrame(
      this.host.guard(() => {
        this.frame = 0
        if (this.late) this.drawSoon()
      }),
    )
  }

  /**
   * The value of a slider; NaN if it is not here yet.
   * @param {string} key
   */
  value(key) {
    return this.padded.get(key) ?? this.sliders.value(key) ?? NaN
  }

  draw() {
    const { data } = this
    const keys = [...data.knobs, data.contrast]
    if (data.mode !== "Pad") keys.push("count")
    if (data.eps) keys.push("spread")
    if (keys.some((key) => Number.isNaN(this.value(key)))) return
    const z = Float32Array.from(data.knobs, (key) => this.value(key))
    if (data.mode === "Pad" && !this.pad.busy) {
      this.pad.show(this.value(data.pad[0]), this.value(data.pad[1]))
    }
    const contrast = this.value(data.contrast)
    const { rows, columns, latents, each } = this.asked(z)
    this.layOut(rows, columns)
    if (!this.model || z.length !== this.model.zDim) return
    this.tiles.paint(this.model.decode(latents, labels(data.digits, each), contrast))
    this.root.dataset.drawn = ""
    if (data.mode === "Pad") this.mapLater(z, contrast)
  }

  /**
   * Which z to draw: `each` for each digit, and in how many rows and columns.
   * @param {Float32Array} z
   */
  asked(z) {
    const { data } = this
    const { digits, labelled, mode, padColumns, knobs, swept, reach } = data
    if (mode === "Pad") {
      const columns = Math.min(digits.length, padColumns)
      const rows = Math.ceil(digits.length / columns)
      return { rows, columns, each: 1, latents: forEachDigit(z, digits.length) }
    }
    const columns = this.value("count")
    const isSweep = mode === "Sweep"
    const lines = labelled ? 1 : digits.length // Those whose samples differ.
    let latents = z
    if (data.eps) {
      const spread = this.value("spread")
      latents = sampleAround(z, lines, isSweep ? 1 : columns, spread, this.eps)
    }
    if (isSweep) latents = traverse(latents, z.length, columns, knobs.indexOf(swept), reach)
    if (this.own) latents = digitsOwn(latents, z.length, this.own)
    else if (labelled) latents = forEachDigit(latents, digits.length)
    return { rows: digits.length, columns, each: columns, latents }
  }

  /** @type {(rows: number, columns: number) => void} */
  layOut(rows, columns) {
    const { digits, labelled, mode, swept, reach, gap } = this.data
    const shape = JSON.stringify([rows, columns, digits, labelled, mode, swept])
    if (shape === this.shape) return
    this.shape = shape
    this.tiles.resize(rows, columns, gap)
    this.root.style.setProperty("--aspect", String(this.canvas.width / this.canvas.height))
    /** @param {string[]} values */
    const texts = (values) => values.map((value) => element("span", {}, [value]))
    this.down.replaceChildren(...texts(mode === "Pad" || !labelled ? [] : digits.map(String)))
    this.corner.textContent = mode === "Sweep" ? swept : ""
    const values = mode === "Sweep" ? sweepLabels(columns, reach) : []
    this.across.replaceChildren(...texts(values))
    const which = labelled ? `: ${digits.join(", ")}` : ""
    const ends = `from ${values[0]} on the left to ${values.at(-1)} on the right`
    const way = values.length > 1 ? ` ${swept} goes ${ends}.` : ""
    this.about.textContent = `${rows} rows of ${columns} digits${which}.${way}`
  }

  /**
   * The first digit over the two dimensions of the pad.
   * @type {(z: Float32Array, contrast: number) => void}
   */
  mapLater(z, contrast) {
    const { digits, knobs, pad, reach, model: id } = this.data
    const [across, up] = pad.map((key) => knobs.indexOf(key))
    const others = z.map((value, i) => (i === across || i === up ? 0 : value))
    const asked = JSON.stringify([id, digits[0], pad, [...others], contrast])
    clearTimeout(this.mapTimer)
    if (asked === this.mapped) return
    this.mapTimer = setTimeout(
      this.host.guard(() => {
        if (!this.model) return
        this.mapped = asked
        const rows = forEachDigit(others, MAP_SIDE * MAP_SIDE)
        for (let i = 0; i < MAP_SIDE * MAP_SIDE; i++) {
          rows[i * z.length + up] = -place(Math.floor(i / MAP_SIDE), reach)
          rows[i * z.length + across] = place(i % MAP_SIDE, reach)
        }
        const repeated = labels([digits[0]], MAP_SIDE * MAP_SIDE)
        this.pad.paintMap(this.model.decode(rows, repeated, contrast))
      }),
      MAP_REST,
    )
  }
}

/**
 * Where on the pad, -reach to reach, the middle of a tile of the map is.
 * @type {(tile: number, reach: number) => number}
 */
function place(tile, reach) {
  return reach * ((2 * (tile + 0.5)) / MAP_SIDE - 1)
}

/** @type {(columns: number, reach: number) => string[]} */
function sweepLabels(columns, reach) {
  return sweep(columns, reach).map((value) => {
    const text = Math.abs(value).toFixed(1).replace(/\.0$/, "")
    return (value < 0 ? "−" : value > 0 ? "+" : "") + text
  })
}

export default component(Grid)
