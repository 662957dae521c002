// The map of the latent space on the Explore page: images as points, the place under the pointer
// decoded, and its nearest image.
//
// data: {
//   model: id, zDim, labelled: whether the decoder is given a digit, names: {"3": "slant"}
//   explanation: of what the map shows, waiting: what is being loaded, each in words
//   images: the address of the test images, below that of the app
//   other: what the button to the other kind of model says, or ""
//   start: {projection, pin: [x, y], shown: [digits], digit} from a link, each null for none
//   drawing: 784 bytes as base64, or null
// }
// Trigger: other, to choose the other kind of model.

import { model, peek } from "../../engine/hub.js"
import { component } from "../../components/view.js"
import { Chart } from "./chart.js"
import { Controls } from "./controls.js"
import { imagesAt, pointsOf } from "./data.js"
import { Gestures } from "./gestures.js"
import { Overlay } from "./overlay.js"
import { MapPanel } from "./panel.js"
import { PlaceView } from "./place_view.js"
import { Points } from "./points.js"
import { MapState } from "./state.js"
import { axisNames, spoken } from "./texts.js"

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
    this.panel = new MapPanel(root, guard(() => {
      this.state.digit = this.panel.digit
      this.lookAt(this.place)
    }))
    this.placeView = new PlaceView(this.panel)
    this.state = new MapState()
    const controls = {
      digits: (shown) => this.filter(shown),
      projection: (name) => this.project(name, true),
    }
    this.controls = new Controls(root, controls, guard)
    this.gestures = new Gestures(this.plot, this.gestureActions(), (act) => guard((event) => {
      if (this.place && !event?.target?.closest?.(".zoom")) act(event)
    }))
    const press = (name, act) => {
      root.querySelector(`.${name}`).addEventListener("click", guard(() => this.place && act()))
    }
    press("zoom-in", () => this.zoomStep(2))
    press("zoom-out", () => this.zoomStep(0.5))
    press("zoom-reset", () => this.reset())
    press("unpin", () => this.unpin())
    root.querySelector(".to-draw").addEventListener("click", guard(() => {
      document.querySelector(".st-key-header_pages a")?.click()
    }))
    root.querySelector(".other").addEventListener("click", guard(() => {
      host.trigger("other", true)
    }))
    this.controls.legend.addEventListener("transitionend", guard(() => this.recolour()))
    this.observer = new ResizeObserver(guard(() => this.resize()))
    this.observer.observe(this.plot)
  }

  close() {
    this.closed = true
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.observer.disconnect()
    this.gestures.close()
    this.state.close()
  }

  gestureActions() {
    return {
      look: (x, y) => this.lookAt(this.chart.toMap(x, y)),
      leave: () => this.lookAt(this.state.pin),
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

  update(data) {
    const changed = data.model !== this.data?.model
    const redrawn = data.drawing !== this.data?.drawing
    this.data = data
    this.root.querySelector(".explanation").textContent = data.explanation
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
    this.state.enter(data)
    this.points = this.place = null
    this.panel.part("digit-choice").hidden = !data.labelled
    this.panel.digit = this.state.digit
    this.controls.showDigits(this.state.shown)
    this.controls.showProjections([], "")
    this.chart.forget()
    this.root.dataset.model = data.model
    this.root.removeAttribute("data-ready")
    this.say(data.waiting)
    this.panel.part("share").textContent = ""
    this.placeView.clear()
    this.drawSoon()
    this.load()
  }

  // Fetch the model and its points.
  load() {
    const { host, data: { model: id } } = this
    // An event handler for what is about the model that is shown.
    const about = (act) => host.guard((value) => {
      if (!this.closed && this.data.model === id) act(value)
    })
    this.model = peek(id) ?? null
    if (!this.model) {
      const arrived = about((loaded) => {
        this.model = loaded
        this.placeDrawing()
      })
      model(id).then(arrived, host.guard((error) => { throw error }))
    }
    pointsOf(id).then(about((points) => this.begin(points)), about((error) => this.say(error.message)))
  }

  // The points have arrived, as data.js has them.
  begin(points) {
    this.points = new Points(points)
    this.panel.part("share").textContent = points.said
    this.say("")
    imagesAt(this.data.images).then(
      this.host.guard((images) => this.imagesArrived(images)),
      this.host.guard((error) => { throw error }),
    )
    this.chart.reset()
    this.project(this.state.projection, false)
  }

  project(name, travel) {
    this.state.choose(name, this.points.projections)
    const { known, projection } = this.state
    this.controls.showProjections(known, projection)
    this.chart.show(this.points.project(projection), this.points.y, travel && !calm.matches)
    this.chart.isShown = this.controls.shown
    this.centres = this.points.centres(projection)
    const names = axisNames(projection, this.data, this.points.shares)
    for (const side of ["across", "up"]) this.panel.part(`axis.${side}`).textContent = names[side]
    this.started = this.chart.travelled ? performance.now() : 0
    this.place = null
    this.resize()
    this.placeDrawing()
    this.showPin()
  }

  placeDrawing() {
    this.placeView.placeDrawing(this)
    // The drawing's place is known only once the model is here.
    if (this.unchosen) this.place = null
    this.changed = true
    this.drawSoon()
  }

  imagesArrived(images) {
    if (this.closed || !this.points) return
    this.placeView.images = images
    this.placeView.showNeighbours(this.points)
    this.moved = this.changed = true
    this.drawSoon()
  }

  lookAt(place) {
    if (!place) return
    if (place !== this.place) this.unchosen = false
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
    this.state.pin = place
    this.showPin()
    this.lookAt(this.state.pin)
    this.speakSoon()
  }

  unpin() {
    this.state.pin = null
    this.showPin()
    this.drawSoon()
  }

  showPin() {
    this.panel.part("unpin").hidden = !this.state.pin
    this.moved = true
  }

  filter(shown) {
    this.state.shown = this.controls.chosen
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
      this.panel.part("spoken").textContent = spoken(this)
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
    if (!this.points || !chart.at) return chart.clear()
    if (!this.place) {
      this.unchosen = true
      this.place = this.state.pin ?? this.placeView.own ?? chart.middle
    }
    if (chart.travelled) {
      const share = Math.min((now - this.started) / TRAVEL, 1)
      chart.travel(share * share * (3 - 2 * share))
      if (share < 1) this.drawSoon()
      this.moved = true
    }
    if (this.changed) this.placeView.show(this)
    if (this.moved) chart.paint((i) => this.placeView.bytes(i))
    this.overlay.place(this)
    this.changed = this.moved = false
    this.root.dataset.ready = this.model ? "model" : "points"
  }
}

export default component(MapView)
