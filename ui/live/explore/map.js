// The map of the latent space on the Explore page: images as points, the place under the pointer
// decoded, and its nearest image.
//
// data: {
//   model: id, zDim, labelled: whether the decoder is given a digit, names: {"3": "slant"}
//   says: what the map shows, waiting: what is being computed, each in words
//   other: what the button to the other kind of model says, or ""
//   start: {projection, pin: [x, y], shown: [digits], digit} from a link, each null for none
//   drawing: 784 bytes as base64, or null
// }
// Triggers: other, to choose the other kind of model, and failed.

import { component } from "../view.js"
import { Arrivals } from "./map_arrivals.js"
import { Chart } from "./map_chart.js"
import { Controls } from "./map_controls.js"
import { Gestures } from "./map_gestures.js"
import { Here } from "./map_here.js"
import { adopt, contributeState } from "./map_link.js"
import { Overlay } from "./map_overlay.js"
import { Panel } from "./map_panel.js"
import { Points } from "./map_points.js"
import { choices } from "./map_store.js"
import { axisNames, spoken } from "./map_texts.js"

const TRAVEL = 700 // Milliseconds that points take to the places of another projection.
const QUIET = 400 // Milliseconds after a key until the place is spoken.
const calm = matchMedia("(prefers-reduced-motion: reduce)")

class MapView {
  constructor(parent, host) {
    this.host = host
    const guard = (act) => host.guard(act)
    const root = (this.root = parent.querySelector(".map-view"))
    this.plot = root.querySelector(".plot")
    this.message = root.querySelector(".message")
    this.chart = new Chart(root.querySelector(".points"))
    this.overlay = new Overlay(root.querySelector(".overlay"))
    this.panel = new Panel(root, guard(() => {
      this.chosen.digit = this.panel.digit
      this.lookAt(this.place)
    }))
    this.arrivals = new Arrivals(this)
    this.here = new Here(this.panel, guard(() => this.imagesArrived()))
    const controls = {
      digits: (shown) => this.filter(shown),
      projection: (name) => this.project(name, true),
      all: () => this.points && this.arrivals.toggleAll(),
    }
    this.controls = new Controls(root, controls, guard)
    this.gestures = new Gestures(this.plot, this.answers(), (act) => guard((event) => {
      if (this.points && !event?.target?.closest?.(".zoom")) act(event)
    }))
    const press = (name, act) => {
      root.querySelector(`.${name}`).addEventListener("click", guard(() => this.data && act()))
    }
    press("zoom-in", () => this.zoomStep(2))
    press("zoom-out", () => this.zoomStep(0.5))
    press("zoom-reset", () => this.reset())
    press("unpin", () => this.unpin())
    press("to-draw", () => document.querySelector(".st-key-header_pages a")?.click())
    press("other", () => host.trigger("other", true))
    this.controls.legend.addEventListener("transitionend", guard(() => this.recolour()))
    this.observer = new ResizeObserver(guard(() => this.resize()))
    this.observer.observe(this.plot)
    this.unlink = contributeState(this)
  }

  close() {
    this.closed = true
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.observer.disconnect()
    this.gestures.close()
    this.unlink()
  }

  answers() {
    return {
      look: (x, y) => this.lookAt(this.chart.toMap(x, y)),
      leave: () => this.pin && this.lookAt(this.pin),
      pin: (x, y) => this.pinAt(this.chart.toMap(x, y)),
      zoom: (x, y, factor) => this.changeView(() => this.chart.zoomAt(x, y, factor)),
      move: (x, y) => this.changeView(() => this.chart.moveBy(x, y)),
      step: (x, y) => this.step(x, y),
      zoomStep: (factor) => this.zoomStep(factor),
      reset: () => this.reset(),
      pinCursor: () => this.pinAt(this.place),
      unpin: () => this.unpin(),
    }
  }

  expect(data) {
    const changed = data.model !== this.data?.model
    const redrawn = data.drawing !== this.data?.drawing
    this.data = data
    this.root.querySelector(".says").textContent = data.says
    const other = this.root.querySelector(".other")
    other.textContent = data.other
    other.hidden = !data.other
    if (changed) this.enter()
    else if (redrawn) this.placeDrawing()
    this.recolour()
  }

  // Show the map of another model.
  enter() {
    const { data } = this
    this.chosen = choices(data.model)
    if (!this.chosen.pins) adopt(this.chosen, data.start)
    this.points = this.pin = null
    this.panel.part("digit-choice").hidden = !data.labelled
    this.panel.digit = this.chosen.digit ?? null
    this.controls.showDigits(this.chosen.shown ?? [])
    this.controls.showProjections([], "")
    this.chart.places = this.chart.at = null
    this.root.removeAttribute("data-ready")
    this.say(data.waiting)
    this.here.clear()
    this.drawSoon()
    this.arrivals.start()
  }

  // The points have arrived; `train` is null if only test images are shown.
  begin(test, train) {
    this.test = test
    this.points = new Points(test, train)
    this.say("")
    this.chart.reset()
    this.project(this.chosen.projection, false)
  }

  project(name, travel) {
    const known = this.points.projections
    const projection = known.includes(name) ? name : known[0]
    const { pins } = this.chosen
    if (pins.first) pins[projection] = pins.first
    delete pins.first
    this.projection = this.chosen.projection = projection
    this.controls.showProjections(known, projection)
    this.chart.show(this.points.project(projection), this.points.y, travel && !calm.matches)
    this.chart.isShown = this.controls.shown
    this.centres = this.points.centres(projection)
    const names = axisNames(projection, this.data, this.points.shares)
    for (const side of ["across", "up"]) this.panel.part(`axis.${side}`).textContent = names[side]
    this.pin = pins[projection] ?? null
    this.started = this.chart.travelled ? performance.now() : 0
    this.resize()
    this.placeDrawing()
    this.lookAt(this.pin ?? this.here.own ?? this.chart.middle)
    this.showPin()
  }

  placeDrawing() {
    this.here.placeDrawing(this)
    this.changed = true
    this.drawSoon()
  }

  imagesArrived() {
    if (this.closed || !this.points) return
    this.here.showNeighbours(this.points)
    this.moved = this.changed = true
    this.drawSoon()
  }

  lookAt(place) {
    if (!place) return
    this.place = place
    this.changed = true
    this.drawSoon()
  }

  step(x, y) {
    const [left, top] = this.chart.toScreen(this.place)
    const { width, height } = this.chart
    const to = [left + x, top + y]
    const within = [Math.min(Math.max(to[0], 0), width), Math.min(Math.max(to[1], 0), height)]
    this.lookAt(this.chart.toMap(...within))
    const beyond = [within[0] - to[0], within[1] - to[1]]
    if (beyond.some(Boolean)) this.changeView(() => this.chart.moveBy(...beyond))
    this.speakSoon()
  }

  zoomStep(factor) {
    this.changeView(() => this.chart.zoomAt(...this.chart.toScreen(this.place), factor))
  }

  reset() {
    this.changeView(() => this.chart.reset())
  }

  changeView(change) {
    if (!this.points) return false
    const result = change()
    this.moved = true
    this.drawSoon()
    return result
  }

  pinAt(place) {
    // As the link has it, so that it shows the same.
    this.pin = { x: +place.x.toFixed(4), y: +place.y.toFixed(4) }
    this.chosen.pins[this.projection] = this.pin
    this.showPin()
    this.lookAt(this.pin)
    this.speakSoon()
  }

  unpin() {
    this.pin = null
    delete this.chosen.pins[this.projection]
    this.showPin()
    this.drawSoon()
  }

  showPin() {
    this.panel.part("unpin").hidden = !this.pin
    this.moved = true
  }

  filter(shown) {
    this.chosen.shown = this.controls.chosen
    this.chart.isShown = shown
    this.moved = true
    this.lookAt(this.place)
  }

  say(text) {
    this.message.textContent = text
    this.message.hidden = !text
  }

  speakSoon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.host.guard(() => {
      this.panel.part("spoken").textContent = spoken(this, this.here)
    }), QUIET)
  }

  recolour() {
    this.chart.colours = this.controls.colours()
    this.moved = true
    this.drawSoon()
  }

  resize() {
    const { width, height } = this.plot.getBoundingClientRect()
    if (!width || !height) return
    this.chart.resize(width, height, Math.min(devicePixelRatio || 1, 2))
    this.moved = true
    this.drawSoon()
  }

  drawSoon() {
    this.frame ||= requestAnimationFrame(this.host.guard((now) => {
      this.frame = 0
      if (!this.closed) this.draw(now)
    }))
  }

  draw(now) {
    const { chart } = this
    if (!this.points) return chart.clear()
    if (chart.travelled) {
      const share = Math.min((now - this.started) / TRAVEL, 1)
      chart.travel(share * share * (3 - 2 * share))
      if (share < 1) this.drawSoon()
      this.moved = true
    }
    if (this.changed) this.here.show(this)
    if (this.moved) chart.paint((i) => this.here.bytes(i))
    this.overlay.place(this)
    this.changed = this.moved = false
    this.root.dataset.ready = this.model ? "model" : "points"
  }
}

export default component(MapView)
