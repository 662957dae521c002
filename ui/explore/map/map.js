// The map of the latent space on the Explore page: images as points, the place under the pointer
// decoded, and its nearest image.
//
// Trigger: other, to choose the other kind of model.

import { component, View } from "../../components/view.js"
import { model } from "../../engine/model_cache.js"
import { Chart } from "./chart.js"
import { Controls } from "./controls.js"
import { imagesAt, pointsOf } from "./data.js"
import { Gestures } from "./gestures.js"
import { Overlay } from "./overlay.js"
import { MapPanel } from "./panel.js"
import { PlaceView } from "./place_view.js"
import { Points } from "./points.js"
import { MapState } from "./state.js"
import { axisNames } from "./texts.js"

/** @import { Host } from "../../components/view.js" */
/** @import { Model } from "../../engine/engine.js" */
/** @import { MapData } from "./data.js" */
/** @import { Actions } from "./gestures.js" */
/** @import { Place, Projection } from "./points.js" */

const TRAVEL = 700 // Milliseconds that points take to the places of another projection.
const QUIET = 400 // Milliseconds after a key until the place is spoken.
const calm = matchMedia("(prefers-reduced-motion: reduce)")

/** @extends {View<MapData>} */
export class MapView extends View {
  /** @type {MapData} */
  data

  /**
   * @param {HTMLElement} parent
   * @param {Host} host
   */
  constructor(parent, host) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".map-view")), host)
    this.closed = false
    this.frame = 0
    this.timer = 0
    this.started = 0 // When the points began to travel.
    /** @type {Model | null} */
    this.model = null
    /** @type {Points | null} */
    this.points = null
    /** @type {(Place | null)[]} of each digit's points */
    this.centres = []
    /** @type {Place | null} that is looked at; null: the first one */
    this.place = null
    this.unchosen = false // Whether it is there because no place has been chosen.
    this.changed = false // Whether what is shown of the place is to be drawn.
    this.moved = false // Whether the points are to be drawn.
    this.state = new MapState()
    this.chart = new Chart(this.part("points"))
    this.overlay = new Overlay(this.part("overlay"))
    this.panel = new MapPanel(this.root, host, () => {
      this.state.chosen.digit = this.panel.digit
      this.lookAt(this.place)
    })
    this.placeView = new PlaceView(this.panel)
    this.controls = new Controls(this.root, host, {
      digits: () => this.filter(),
      projection: (name) => this.points && this.project(this.points, name, true),
    })
    const plot = this.part("plot")
    this.gestures = new Gestures(plot, this.actions(), (act) =>
      host.guard((event) => {
        if (this.place && !event?.target?.closest?.(".zoom")) act(event)
      }),
    )
    this.on("zoom-in", "click", () => this.zoomStep(2))
    this.on("zoom-out", "click", () => this.zoomStep(0.5))
    this.on("zoom-reset", "click", () => this.reset())
    this.on("unpin", "click", () => this.unpin())
    this.on("to-draw", "click", () => {
      /** @type {HTMLElement | null} */
      const link = document.querySelector(".st-key-header_pages a")
      link?.click()
    })
    this.on("other", "click", () => host.trigger("other", true))
    this.on("legend", "transitionend", () => this.recolour()) // The theme has changed.
    this.observer = new ResizeObserver(host.guard(() => this.resize()))
    this.observer.observe(plot)
  }

  close() {
    this.closed = true
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.observer.disconnect()
    this.gestures.close()
    this.state.close()
  }

  /** @returns {Actions} */
  actions() {
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

  /** @param {MapData} data */
  update(data) {
    const isOther = data.model !== this.data?.model
    const isRedrawn = data.drawing !== this.data?.drawing
    this.data = data
    this.say("explanation", data.explanation)
    this.say("other", data.other)
    this.part("other").hidden = !data.other
    if (isOther) this.enter()
    else if (isRedrawn) this.placeDrawing()
    this.recolour()
  }

  // Show the map of another model.
  enter() {
    const { data } = this
    this.state.enter(data)
    this.points = null
    this.place = null
    this.part("digit-choice").hidden = !data.labelled
    this.panel.digit = this.state.chosen.digit
    this.controls.showDigits(this.state.chosen.shown)
    this.controls.showProjections([], null)
    this.chart.forget()
    this.root.dataset.model = data.model
    this.root.removeAttribute("data-ready")
    this.showMessage(data.waiting)
    this.say("share", "")
    this.placeView.clear()
    this.drawSoon()
    this.load()
  }

  // Fetch the model, its points and the images.
  load() {
    const { model: id, images } = this.data
    // Whether the map is still that of this model.
    const isHere = () => !this.closed && this.data.model === id
    this.model = null
    model(id)
      .then((loaded) => {
        if (!isHere()) return
        this.model = loaded
        this.placeDrawing()
      })
      .catch(this.host.report)
    pointsOf(id).then(
      this.host.guard(({ said, ...points }) => {
        if (!isHere()) return
        this.say("share", said)
        this.begin(new Points(points))
        imagesAt(images)
          .then((loaded) => this.imagesArrived(loaded))
          .catch(this.host.report)
      }),
      (error) => isHere() && this.showMessage(error.message),
    )
  }

  /** @param {Points} points have arrived */
  begin(points) {
    this.points = points
    this.showMessage("")
    this.chart.reset()
    this.project(points, this.state.projection, false)
  }

  /**
   * @param {Points} points
   * @param {Projection} name
   * @param {boolean} travel
   */
  project(points, name, travel) {
    this.state.choose(name, points.projections)
    const { known, projection } = this.state
    this.controls.showProjections(known, projection)
    this.chart.show(points.project(projection), points.y, travel && !calm.matches)
    this.chart.isShown = this.controls.shown
    this.centres = points.centres(projection)
    const { across, up } = axisNames(projection, this.data, points.shares)
    this.say("axis.across", across)
    this.say("axis.up", up)
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

  /** @param {Uint8Array} images */
  imagesArrived(images) {
    if (this.closed || !this.points) return
    this.placeView.images = images
    this.placeView.showNeighbours(this.points)
    this.moved = this.changed = true
    this.drawSoon()
  }

  /** @param {Place | null} place null: the one that is looked at already */
  lookAt(place) {
    if (!place) return
    if (place !== this.place) this.unchosen = false
    this.place = place
    this.changed = true
    this.drawSoon()
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  step(x, y) {
    if (!this.place) return
    const [left, top] = this.chart.toScreen(this.place)
    const { width, height } = this.chart
    const to = [left + x, top + y]
    const within = [Math.min(Math.max(to[0], 0), width), Math.min(Math.max(to[1], 0), height)]
    this.lookAt(this.chart.toMap(within[0], within[1]))
    const beyond = [within[0] - to[0], within[1] - to[1]]
    if (beyond.some(Boolean)) this.changeView(() => this.chart.moveBy(beyond[0], beyond[1]))
    this.speakSoon()
  }

  /** @param {number} factor */
  zoomStep(factor) {
    const { place } = this
    if (place) this.changeView(() => this.chart.zoomAt(...this.chart.toScreen(place), factor))
  }

  reset() {
    this.changeView(() => this.chart.reset())
  }

  /** @param {() => unknown} change returns whether it changed the view */
  changeView(change) {
    if (!this.points) return false
    const changed = Boolean(change())
    this.moved = true
    this.drawSoon()
    return changed
  }

  /** @param {Place | null} place */
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
    this.part("unpin").hidden = !this.state.pin
    this.moved = true
  }

  filter() {
    this.state.chosen.shown = this.controls.chosen
    this.chart.isShown = this.controls.shown
    this.moved = true
    this.lookAt(this.place)
  }

  /** @param {string} text */
  showMessage(text) {
    this.say("message", text)
    this.part("message").hidden = !text
  }

  speakSoon() {
    const speak = this.host.guard(() => {
      const pinned = this.state.pin && this.state.pin === this.place ? "Pinned. " : ""
      this.say("spoken", pinned + this.placeView.words)
    })
    clearTimeout(this.timer)
    this.timer = setTimeout(speak, QUIET)
  }

  recolour() {
    this.chart.colours = this.controls.colours
    this.moved = true
    this.drawSoon()
  }

  resize() {
    const { width, height } = this.part("plot").getBoundingClientRect()
    if (!width || !height) return
    this.chart.resize(width, height, Math.min(devicePixelRatio || 1, 2))
    this.moved = true
    this.drawSoon()
  }

  drawSoon() {
    this.frame ||= requestAnimationFrame(
      this.host.guard((now) => {
        this.frame = 0
        this.draw(now)
      }),
    )
  }

  /** @param {number} now milliseconds */
  draw(now) {
    const { chart, points, placeView } = this
    if (!points || !chart.at) return chart.clear()
    this.unchosen ||= !this.place
    this.place ??= this.state.pin ?? placeView.own ?? chart.middle
    if (chart.travelled) {
      const share = Math.min((now - this.started) / TRAVEL, 1)
      chart.travel(share * share * (3 - 2 * share))
      if (share < 1) this.drawSoon()
      this.moved = true
    }
    if (this.changed) placeView.show(this, points, this.place)
    if (this.moved) chart.paint((i) => placeView.bytes(i))
    const near = placeView.near?.place ?? null
    const marks = { near, own: placeView.own, pinned: this.state.pin, place: this.place }
    this.overlay.show(chart, marks, this.centres)
    this.changed = this.moved = false
    this.root.dataset.ready = this.model ? "model" : "points"
  }
}

export default component(MapView)
