// The curves of a training: the loss as stacked areas or one figure as lines, and the KL divergence
// of each dimension of z.

import { label, make, polyline, round, set } from "../components/svg.js"
import { append, component, nearest } from "../components/view.js"
import { bounds, figure, powers, ticks } from "./axis.js"
import { Bars } from "./bars.js"
import { EpochSpeech } from "./epoch_speech.js"
import { LivePart } from "./feed.js"
import { onAnnounce, seek } from "./moment.js"

/** @import { Host } from "../components/view.js" */
/** @import { Divergences } from "./bars.js" */

/**
 * A figure of the model; a value is null where it is not known.
 * @typedef {object} Line
 * @property {string} name
 * @property {(number | null)[]} train for each of x
 * @property {(number | null)[]} validation for each of validatedX
 * @property {number | null} decimals those of a percentage; null: it is none
 */

/**
 * It has a bounded number of rows however long the training is: see curves.py.
 * @typedef {object} CurvesData
 * @property {string} run its id
 * @property {number} epochs how many it is to have
 * @property {number[]} x epochs done at each row of the training images
 * @property {number[]} validatedX epochs done at each validation
 * @property {{key: string, name: string, values: number[]}[]} stack the terms of the loss
 * @property {Record<string, Line>} lines
 * @property {[number, string][]} changes of parameters: epochs done, text
 * @property {Divergences} kl
 */

/** @typedef {(value: number) => number} Scale from a value to pixels */

const MIN_HEIGHT = 220
const MAX_HEIGHT = 340
const LEFT = 46
const RIGHT = 12
const TOP = 8
const BOTTOM = 26
const FIRST = 72 // Pixels that the label "epoch 0" and half of the next one take.
const SETTLED = 0.1 // The curves before this part of the training may leave the frame at the top.

/** @extends {LivePart<CurvesData>} */
class Curves extends LivePart {
  name = "curves"

  /** @type {CurvesData} */
  data

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.shown = "loss"
    this.log = false
    /** @type {number | null} epochs done under the pointer */
    this.cursor = null
    /** @type {number | null} epochs done in the pictures; null: the newest */
    this.moment = null
    this.width = 0
    this.right = 0
    this.floor = 0
    /** @type {Scale} */
    this.x = (epochs) => epochs
    const place = this.part("curves")
    this.tabs = append(place, "div", "tabs")
    set(this.tabs, { role: "group", "aria-label": "Curve" })
    host.on(this.tabs, "click", (event) => this.choose(event.target))
    this.legend = append(place, "div", "legend")
    this.plot = append(place, "div", "plot")
    set(this.plot, { tabindex: 0, role: "img" })
    this.spoken = append(place, "div", "spoken")
    this.spoken.setAttribute("role", "status")
    this.speech = new EpochSpeech(this.spoken)
    this.svg = this.plot.appendChild(make("svg", {}))
    const clip = this.svg.appendChild(make("clipPath", { id: "frame" }))
    this.frame = clip.appendChild(make("rect", { x: LEFT, y: 0 }))
    this.grid = this.svg.appendChild(make("g", { class: "grid" }))
    this.marks = this.svg.appendChild(make("g", { "clip-path": "url(#frame)" }))
    this.areas = this.marks.appendChild(make("g", {}))
    this.changes = this.marks.appendChild(make("g", { class: "changes" }))
    this.train = this.marks.appendChild(make("path", { class: "train" }))
    this.validation = this.marks.appendChild(make("path", { class: "validation" }))
    this.dots = this.marks.appendChild(make("path", { class: "dots" }))
    this.now = this.marks.appendChild(make("line", { class: "now", y1: TOP }))
    this.line = this.marks.appendChild(make("line", { class: "at", y1: TOP }))
    this.kl = new Bars(place)
    host.on(this.plot, "pointermove", (event) => this.point(this.epochsAt(event)))
    host.on(this.plot, "pointerleave", () => this.point(null))
    host.on(this.plot, "blur", () => this.point(null))
    host.on(this.plot, "click", (event) => seek(this.data.run, this.epochsAt(event)))
    host.on(this.plot, "keydown", (event) => this.key(event))
    this.stopListening = onAnnounce(
      host.guard(({ run, epochs }) => {
        if (run !== this.data.run) return
        this.moment = epochs
        this.drawMoment()
      }),
    )
    this.observer = new ResizeObserver(
      host.guard(() => {
        if (this.plot.clientWidth !== this.width) this.draw()
      }),
    )
    this.observer.observe(this.plot)
  }

  close() {
    super.close()
    this.observer.disconnect()
    this.stopListening()
  }

  /** @param {CurvesData} data */
  show(data) {
    if (this.data?.run !== data.run) this.moment = this.cursor = null
    this.data = data
    if (!data.lines[this.shown]) this.shown = "loss"
    this.draw()
    this.speech.update(data)
  }

  /** @param {HTMLElement} button */
  choose(button) {
    if (!button.dataset.view) return
    if (button.dataset.view === "log") this.log = !this.log
    else this.shown = button.dataset.view
    this.draw()
  }

  drawTabs() {
    const names = Object.entries(this.data.lines).map(([key, { name }]) => [key, name])
    const wanted = [...names, ...(this.shown === "loss" ? [] : [["log", "Logarithmic"]])]
    if (this.tabs.dataset.keys !== wanted.join()) {
      this.tabs.dataset.keys = wanted.join()
      this.tabs.replaceChildren()
      for (const [key, name] of wanted) {
        const button = append(this.tabs, "button", key === "log" ? "log" : "tab", name)
        button.type = "button"
        button.dataset.view = key
      }
    }
    const buttons = /** @type {HTMLElement[]} */ ([...this.tabs.children])
    for (const button of buttons) {
      const on = button.dataset.view === "log" ? this.log : button.dataset.view === this.shown
      set(button, { "aria-pressed": on })
    }
  }

  draw() {
    const { data } = this
    this.drawTabs()
    this.width = this.plot.clientWidth
    const right = Math.max(LEFT + 50, this.width - RIGHT)
    const height = Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, this.width / 3)))
    const floor = height - BOTTOM
    set(this.svg, { width: right + RIGHT, height })
    set(this.frame, { width: right - LEFT + 6, height: floor })
    set(this.now, { y2: floor })
    set(this.line, { y2: floor })
    const stacked = this.shown === "loss"
    const line = data.lines[this.shown]
    const sums = stacked ? totals(data) : line.train
    const [low, high] = this.range(sums, line.validation, stacked)
    /** @type {Scale} */
    const scale = this.log && !stacked ? Math.log : (value) => value
    /** @type {Scale} */
    const x = (epochs) => LEFT + ((right - LEFT) * epochs) / data.epochs
    /** @type {Scale} */
    const y = (value) => {
      const part = (scale(value) - scale(low)) / (scale(high) - scale(low))
      return TOP + (floor - TOP) * (1 - part)
    }
    this.x = x
    this.right = right
    this.floor = floor
    this.drawAreas(stacked ? data.stack : [], x, y)
    /** @type {(xs: number[], values: (number | null)[]) => number[][]} */
    const points = (xs, values) =>
      xs.flatMap((epochs, i) => {
        const value = values[i] ?? null
        if (value === null || (this.log && !stacked && value <= 0)) return []
        return [[x(epochs), y(value)]]
      })
    const validation = points(data.validatedX, line.validation)
    set(this.train, { d: polyline(stacked ? [] : points(data.x, line.train)) })
    set(this.validation, { d: polyline(validation) })
    set(this.dots, { d: validation.map(([a, b]) => `M${round(a)} ${round(b)}h0`).join("") })
    this.drawAxes(x, y, low, high, line.decimals !== null)
    this.drawChanges(x)
    this.drawMoment()
  }

  /**
   * The bounds of the vertical axis.
   * @param {(number | null)[]} train
   * @param {(number | null)[]} validation
   * @param {boolean} stacked
   */
  range(train, validation, stacked) {
    const { x, validatedX } = this.data
    const from = SETTLED * Math.max(x.at(-1) ?? 0, validatedX.at(-1) ?? 0)
    /** @type {(xs: number[], values: (number | null)[]) => number[]} */
    const late = (xs, values) =>
      values.flatMap((value, i) => (value !== null && xs[i] >= from ? [value] : []))
    const values = [...late(x, train), ...late(validatedX, validation)]
    return stacked ? [0, bounds([0, ...values])[1]] : bounds(values, this.log)
  }

  /**
   * @param {CurvesData["stack"]} stack
   * @param {Scale} x
   * @param {Scale} y
   */
  drawAreas(stack, x, y) {
    const base = this.data.x.map(() => 0)
    const paths = stack.map(({ key, values }) => {
      const lower = this.data.x.map((e, i) => [x(e), y(base[i])])
      for (const [i, value] of values.entries()) base[i] += value
      const upper = this.data.x.map((e, i) => [x(e), y(base[i])])
      const d = upper.length ? `${polyline([...upper, ...lower.reverse()])}Z` : ""
      return make("path", { class: `area ${key}`, d })
    })
    this.areas.replaceChildren(...paths)
  }

  /**
   * @param {Scale} x
   * @param {Scale} y
   * @param {number} low
   * @param {number} high
   * @param {boolean} percent
   */
  drawAxes(x, y, low, high, percent) {
    const values = this.log && this.shown !== "loss" ? powers(low, high) : ticks(low, high, 5)
    const step = Math.max(1, ticks(0, this.data.epochs, 8)[1] ?? 1)
    const epochs = ticks(0, this.data.epochs, 8).filter((e) => e % Math.ceil(step) === 0)
    this.grid.replaceChildren()
    for (const value of values) {
      const at = round(y(value))
      this.grid.append(make("line", { x1: LEFT, x2: this.right, y1: at, y2: at }))
      const text = percent ? `${+(100 * value).toPrecision(4)} %` : String(+value.toPrecision(4))
      this.grid.append(label(text, LEFT - 6, at + 5, "end"))
    }
    for (const epoch of epochs) {
      if (epoch && x(epoch) < x(0) + FIRST) continue
      const near = x(epoch) > this.right - 24 ? "end" : "middle"
      const word = epoch === 0 ? "epoch 0" : String(epoch)
      this.grid.append(label(word, x(epoch), this.floor + BOTTOM - 8, epoch === 0 ? "start" : near))
    }
  }

  /** @param {Scale} x */
  drawChanges(x) {
    const wanted = JSON.stringify([this.data.changes, this.data.epochs, this.width])
    if (this.changes.dataset.drawn === wanted) return
    this.changes.dataset.drawn = wanted
    this.changes.replaceChildren()
    for (const [i, [epochs, text]] of this.data.changes.entries()) {
      const at = round(x(epochs))
      const line = make("line", { x1: at, x2: at, y1: TOP, y2: this.floor })
      line.append(make("title", {}, text))
      const left = at > this.width / 2
      const down = TOP + 14 + 18 * (i % 3)
      this.changes.append(line, label(text, at + (left ? -5 : 5), down, left ? "end" : "start"))
    }
  }

  // The moment that the pictures show.
  drawMoment() {
    const at = this.moment === null ? null : round(this.x(this.moment))
    this.now.style.display = at === null ? "none" : ""
    if (at !== null) set(this.now, { x1: at, x2: at })
    this.kl.draw(this.data.kl, this.moment)
    this.drawCursor()
  }

  // What is under the pointer, or else at the moment of the pictures.
  drawCursor() {
    const { data } = this
    const at = this.cursor === null ? null : round(this.x(this.cursor))
    this.line.style.display = at === null ? "none" : ""
    if (at !== null) set(this.line, { x1: at, x2: at })
    const epochs = this.cursor ?? this.moment
    const row = nearest(data.x, epochs)
    const validated = nearest(data.validatedX, epochs)
    const line = data.lines[this.shown]
    const items =
      this.shown === "loss"
        ? data.stack.map(({ key, name, values }) => [key, name, figure(values[row])])
        : [["train", "training", figure(line.train[row], line.decimals)]]
    items.push(["validation", "validation", figure(line.validation[validated], line.decimals)])
    const known = items.filter(([, , value]) => value !== "")
    const when = epochs ?? Math.max(data.x.at(-1) ?? 0, data.validatedX.at(-1) ?? 0)
    this.legend.replaceChildren()
    for (const [key, name, value] of known) {
      const item = append(this.legend, "span", `item ${key}`)
      append(item, "i", "swatch")
      append(item, "span", "", name)
      append(item, "b", "", value)
    }
    append(this.legend, "span", "when", `epoch ${+when.toFixed(2)}`)
    const said = known.map(([, name, value]) => `${name} ${value}`).join(", ")
    const title = `${line.name} at epoch ${+when.toFixed(2)}: ${said}.`
    this.plot.setAttribute("aria-label", `${title} Arrow keys read other epochs.`)
    return title
  }

  /** @param {PointerEvent} event */
  epochsAt(event) {
    const at = event.clientX - this.plot.getBoundingClientRect().left
    const epochs = ((at - LEFT) * this.data.epochs) / (this.right - LEFT)
    const xs = this.data.x.length ? this.data.x : this.data.validatedX
    return xs[nearest(xs, epochs)] ?? 0
  }

  /** @param {number | null} epochs */
  point(epochs) {
    if (this.cursor === epochs) return
    this.cursor = epochs
    this.drawCursor()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const xs = this.data.x.length ? this.data.x : this.data.validatedX
    const here = nearest(xs, this.cursor ?? this.moment)
    const last = xs.length - 1
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }
    /** @type {Record<string, number>} */
    const ends = { Home: 0, End: last }
    const to = ends[event.key] ?? here + steps[event.key]
    if (event.key === "Enter") return seek(this.data.run, xs[here])
    if (Number.isNaN(to)) return
    event.preventDefault()
    this.cursor = xs[Math.min(last, Math.max(0, to))]
    this.spoken.textContent = this.drawCursor()
  }
}

/** @param {CurvesData} data */
function totals({ x, stack }) {
  return x.map((_, i) => stack.reduce((sum, { values }) => sum + values[i], 0))
}

export default component(Curves)
