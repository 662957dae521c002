// The curves of a training: the loss as stacked areas or one figure as lines, and the KL divergence
// of each dimension of z.
//
// `data` has a bounded number of rows however long the training is (see curves.py). The elements are
// made once; new data changes their attributes.

import { figure, powers, ticks } from "./axis.js"
import { Bars } from "./bars.js"
import { EpochSpeech } from "./epoch_speech.js"
import { onAnnounce, seek } from "./moment.js"
import { label, make, polyline, round, set } from "../svg.js"
import { append, component, nearest } from "../view.js"

const MIN_HEIGHT = 220, MAX_HEIGHT = 340, LEFT = 46, RIGHT = 12, TOP = 8, BOTTOM = 26
const SETTLED = 0.1 // The curves before this part of the training may leave the frame at the top.

class Curves {
  constructor(parent, host) {
    this.shown = "loss"
    this.log = false
    this.cursor = null // Epochs done under the pointer.
    this.moment = null // Epochs done in the pictures; null: the newest.
    this.width = 0
    // The element is on the page before its data.
    const guard = (act) => host.guard((event) => this.data && act(event))
    const root = parent.querySelector(".curves")
    root.replaceChildren()
    this.tabs = append(root, "div", "tabs")
    this.tabs.setAttribute("role", "group")
    this.tabs.setAttribute("aria-label", "Curve")
    this.tabs.addEventListener("click", guard((event) => this.choose(event.target)))
    this.legend = append(root, "div", "legend")
    this.plot = append(root, "div", "plot")
    this.plot.tabIndex = 0
    this.plot.setAttribute("role", "img")
    this.spoken = append(root, "div", "spoken")
    this.spoken.setAttribute("role", "status")
    this.speech = new EpochSpeech(this.spoken)
    this.svg = this.plot.appendChild(make("svg", {}))
    const clip = this.svg.appendChild(make("clipPath", { id: "frame" }))
    this.frame = clip.appendChild(make("rect", { x: LEFT, y: 0 }))
    this.grid = this.svg.appendChild(make("g", { class: "grid" }))
    this.marks = this.svg.appendChild(make("g", { "clip-path": "url(#frame)" }))
    this.areas = new Map()
    this.changes = this.marks.appendChild(make("g", { class: "changes" }))
    this.train = this.marks.appendChild(make("path", { class: "train" }))
    this.test = this.marks.appendChild(make("path", { class: "test" }))
    this.dots = this.marks.appendChild(make("path", { class: "dots" }))
    this.now = this.marks.appendChild(make("line", { class: "now", y1: TOP }))
    this.line = this.marks.appendChild(make("line", { class: "at", y1: TOP }))
    this.kl = new Bars(root)
    this.plot.addEventListener("pointermove", guard((event) => this.point(this.epochsAt(event))))
    this.plot.addEventListener("pointerleave", guard(() => this.point(null)))
    this.plot.addEventListener("blur", guard(() => this.point(null)))
    this.plot.addEventListener("click", guard((event) => {
      seek(this.data.run, this.epochsAt(event))
    }))
    this.plot.addEventListener("keydown", guard((event) => this.key(event)))
    this.stopListening = onAnnounce(guard(({ run, epochs }) => {
      if (run !== this.data.run) return
      this.moment = epochs
      this.drawMoment()
    }))
    this.observer = new ResizeObserver(guard(() => {
      if (this.plot.clientWidth !== this.width) this.draw()
    }))
    this.observer.observe(this.plot)
  }

  close() {
    this.observer.disconnect()
    this.stopListening()
  }

  expect(data) {
    if (this.data?.run !== data.run) this.moment = this.cursor = null
    this.data = data
    if (!data.lines[this.shown]) this.shown = "loss"
    this.draw()
    this.speech.update(data)
  }

  choose(button) {
    if (!button.dataset?.view) return
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
    for (const button of this.tabs.children) {
      const on = button.dataset.view === "log" ? this.log : button.dataset.view === this.shown
      button.setAttribute("aria-pressed", on)
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
    const [low, high] = this.range(sums, line.test, stacked)
    const scale = this.log && !stacked ? Math.log : (value) => value
    const x = (epochs) => LEFT + ((right - LEFT) * epochs) / data.epochs
    const y = (value) => {
      const part = (scale(value) - scale(low)) / (scale(high) - scale(low))
      return TOP + (floor - TOP) * (1 - part)
    }
    Object.assign(this, { x, right, floor })
    this.drawAreas(stacked ? data.stack : [], x, y)
    const ok = (value) => value != null && (!this.log || stacked || value > 0)
    const points = (xs, values) => xs.map((e, i) => [e, values[i]]).filter(([, value]) => ok(value))
    const train = stacked ? [] : points(data.x, line.train)
    const test = points(data.testX, line.test).map(([e, value]) => [x(e), y(value)])
    set(this.train, { d: polyline(train.map(([e, value]) => [x(e), y(value)])) })
    set(this.test, { d: polyline(test) })
    set(this.dots, { d: test.map(([a, b]) => `M${round(a)} ${round(b)}h0`).join("") })
    this.drawAxes(x, y, low, high, line.decimals !== null)
    this.drawChanges(x)
    this.drawMoment()
  }

  // The bounds of the vertical axis.
  range(train, test, stacked) {
    const { x, testX } = this.data
    const from = SETTLED * Math.max(x.at(-1) ?? 0, testX.at(-1) ?? 0)
    const late = (xs, values) => values.filter((value, i) => value != null && xs[i] >= from)
    const values = [...late(x, train), ...late(testX, test)]
    const some = values.filter((value) => !this.log || stacked || value > 0)
    if (!some.length) return [this.log ? 0.1 : 0, 1]
    const top = Math.max(...some), bottom = stacked ? 0 : Math.min(...some)
    if (this.log && !stacked) return [bottom / 1.1, top * 1.1]
    const room = (top - bottom) * 0.06 || Math.abs(top) / 10 || 1
    return [stacked ? 0 : bottom - room, top + room]
  }

  drawAreas(stack, x, y) {
    for (const [key, path] of this.areas) {
      if (!stack.some((term) => term.key === key)) {
        path.remove()
        this.areas.delete(key)
      }
    }
    const base = this.data.x.map(() => 0)
    for (const { key, values } of stack) {
      if (!this.areas.has(key)) {
        const path = make("path", { class: `area ${key}` })
        this.marks.insertBefore(path, this.changes)
        this.areas.set(key, path)
      }
      const lower = this.data.x.map((e, i) => [x(e), y(base[i])])
      values.forEach((value, i) => { base[i] += value })
      const upper = this.data.x.map((e, i) => [x(e), y(base[i])])
      const d = upper.length ? `${polyline([...upper, ...lower.reverse()])}Z` : ""
      set(this.areas.get(key), { d })
    }
  }

  drawAxes(x, y, low, high, percent) {
    const values = this.log && this.shown !== "loss" ? powers(low, high) : ticks(low, high, 5)
    const step = Math.max(1, ticks(0, this.data.epochs, 8)[1] ?? 1)
    const epochs = ticks(0, this.data.epochs, 8).filter((e) => e % Math.ceil(step) === 0)
    const wanted = JSON.stringify([values, epochs, low, high, percent, this.width])
    if (this.grid.dataset.drawn === wanted) return
    this.grid.dataset.drawn = wanted
    this.grid.replaceChildren()
    for (const value of values) {
      const at = round(y(value))
      this.grid.append(make("line", { x1: LEFT, x2: this.right, y1: at, y2: at }))
      const text = percent ? `${+(100 * value).toPrecision(4)} %` : +value.toPrecision(4)
      this.grid.append(label(text, LEFT - 6, at + 5, "end"))
    }
    for (const epoch of epochs) {
      const near = x(epoch) > this.right - 24 ? "end" : "middle"
      const word = epoch === 0 ? "epoch 0" : epoch
      this.grid.append(label(word, x(epoch), this.floor + BOTTOM - 8, epoch === 0 ? "start" : near))
    }
  }

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
      const words = label(text, at + (left ? -5 : 5), TOP + 14 + 18 * (i % 3), left ? "end" : "start")
      this.changes.append(line, words)
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
    const row = nearest(data.x, epochs), tested = nearest(data.testX, epochs)
    const line = data.lines[this.shown]
    const items = this.shown === "loss"
      ? data.stack.map(({ key, name, values }) => [key, name, figure(values[row])])
      : [["train", "training", figure(line.train[row], line.decimals)]]
    items.push(["test", "test set", figure(line.test[tested], line.decimals)])
    const known = items.filter(([, , value]) => value !== "")
    if (this.legend.dataset.keys !== known.map(([key, name]) => key + name).join()) {
      this.legend.dataset.keys = known.map(([key, name]) => key + name).join()
      this.legend.replaceChildren()
      for (const [key, name] of known) {
        const item = append(this.legend, "span", `item ${key}`)
        append(item, "i", "swatch")
        append(item, "span", "", name)
        append(item, "b", "")
      }
      append(this.legend, "span", "when")
    }
    known.forEach(([, , value], i) => { this.legend.children[i].lastChild.textContent = value })
    const when = epochs ?? Math.max(data.x.at(-1) ?? 0, data.testX.at(-1) ?? 0)
    this.legend.lastChild.textContent = `epoch ${+when.toFixed(2)}`
    const said = known.map(([, name, value]) => `${name} ${value}`).join(", ")
    const title = `${line.name} at epoch ${+when.toFixed(2)}: ${said}.`
    this.plot.setAttribute("aria-label", `${title} Arrow keys read other epochs.`)
    return title
  }

  epochsAt(event) {
    const at = event.clientX - this.plot.getBoundingClientRect().left
    const epochs = ((at - LEFT) * this.data.epochs) / (this.right - LEFT)
    const xs = this.data.x.length ? this.data.x : this.data.testX
    return xs[nearest(xs, epochs)] ?? 0
  }

  point(epochs) {
    if (this.cursor === epochs) return
    this.cursor = epochs
    this.drawCursor()
  }

  key(event) {
    const xs = this.data.x.length ? this.data.x : this.data.testX
    const here = nearest(xs, this.cursor ?? this.moment), last = xs.length - 1
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }[event.key]
    const ends = { Home: 0, End: last }[event.key]
    if (event.key === "Enter") return seek(this.data.run, xs[here])
    if ((step ?? ends) === undefined) return
    event.preventDefault()
    this.cursor = xs[Math.min(last, Math.max(0, ends ?? here + step))]
    this.spoken.textContent = this.drawCursor()
  }
}

function totals({ x, stack }) {
  return x.map((_, i) => stack.reduce((sum, { values }) => sum + values[i], 0))
}

export default component(Curves)
