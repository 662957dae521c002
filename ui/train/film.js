// A training at each of its moments: what the model drew, or a map of its z; a slider over the
// moments, and play.

import { set } from "../components/dom.js"
import { bytesOf } from "../components/numbers.js"
import { append, component, nearest, View } from "../components/view.js"
import { announce, onSeek } from "./moment.js"
import { GLIDE_MS, PointMap, unpacked } from "./points.js"

/** @import { Host } from "../components/view.js" */

/** @typedef {{points: string, scale: number, about: string}} PackedMap */
/** @typedef {{points: Float32Array, about: string}} PointsOfMoment */

/**
 * All moments but only some of their pictures, always the newest, and no maps. The others are asked
 * for when somebody wants to see them, and kept here as long as the page is not loaded anew.
 * @typedef {object} FilmData
 * @property {string} run its id
 * @property {[number, string][]} moments epochs done, and the same in words
 * @property {[number, string][]} frames epochs done, and a PNG file as base64
 * @property {[number, PackedMap | {about: string}][]} maps epochs done, and the points or why there
 *   are none
 * @property {string} [digits] those of the points of all maps, a byte each as base64
 * @property {Record<Name, string>} captions
 */

/** @typedef {keyof typeof VIEWS} Name */

const FRAME_MS = 250
const ASK_AGAIN_MS = 3000
const MAX_ASKED = 4
const MAX_RUNS = 3
const VIEWS = { pictures: "Pictures", map: "Map of z" }

/** @typedef {{frames: Map<number, string>, maps: Map<number, PointsOfMoment>}} Kept by moment */

/** @type {Map<string, Kept>} by run, over page switches */
const kept = new Map()
/** @type {Name} */
let view = "pictures"
/** @type {number[]} of the points of all maps */
let digits = []

/** @extends {View<FilmData>} */
class Film extends View {
  /** @type {FilmData} */
  data

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    /** @type {number | null} the chosen moment, epochs done; null: the newest */
    this.at = null
    /** @type {Map<number, {at: number, times: number}>} when and how often it was asked for */
    this.asked = new Map()
    /** @type {Map<number, string>} why a moment has no map, as long as it has none */
    this.reasons = new Map()
    /** @type {Kept["frames"]} */
    this.frames = new Map()
    /** @type {Kept["maps"]} */
    this.maps = new Map()
    this.timer = 0
    this.later = 0
    this.announced = ""
    const place = this.part("film")
    const tabs = append(place, "div", "tabs")
    /** @type {Name[]} */
    const names = ["pictures", "map"]
    this.tabs = names.map((name) => {
      const tab = append(tabs, "button", "", VIEWS[name])
      tab.type = "button"
      host.on(tab, "click", () => this.open(name))
      return { name, tab }
    })
    this.image = append(place, "img", "picture")
    this.map = new PointMap(append(place, "div", "map"), host)
    const row = append(place, "div", "row")
    this.play = append(row, "button", "play")
    this.play.type = "button"
    this.slider = append(row, "input", "slider")
    Object.assign(this.slider, { type: "range", min: 0, step: 1 })
    this.slider.setAttribute("aria-label", "Moment of the training")
    this.label = append(row, "span", "label")
    this.caption = append(place, "div", "caption")
    host.on(this.play, "click", () => (this.timer ? this.stop() : this.start()))
    host.on(this.play, "pointerenter", () => this.fetch())
    host.on(this.slider, "pointerenter", () => this.fetch())
    host.on(this.slider, "focus", () => this.fetch())
    host.on(this.slider, "input", () => {
      this.stop()
      this.go(Number(this.slider.value))
    })
    this.stopListening = onSeek(
      host.guard(({ run, epochs }) => {
        if (run !== this.data.run || this.moments.length < 2) return
        this.stop()
        this.go(nearest(this.moments, epochs))
      }),
    )
  }

  close() {
    this.stop()
    clearTimeout(this.later)
    this.map.close()
    this.stopListening()
  }

  get moments() {
    return this.data.moments.map(([epochs]) => epochs)
  }

  /** @param {FilmData} data */
  update(data) {
    if (this.data?.run !== data.run) {
      this.stop()
      this.at = null
      this.asked.clear()
      this.reasons.clear()
      this.map.clear()
    }
    this.data = data
    const { frames, maps } = kept.get(data.run) ?? { frames: new Map(), maps: new Map() }
    this.frames = frames
    this.maps = maps
    kept.delete(data.run)
    kept.set(data.run, { frames, maps })
    for (const run of kept.keys()) {
      if (kept.size > MAX_RUNS) kept.delete(run)
    }
    for (const [epochs, png] of data.frames) this.frames.set(epochs, png)
    for (const [epochs, map] of data.maps) {
      if ("points" in map) this.maps.set(epochs, { ...map, points: unpacked(map) })
      else this.reasons.set(epochs, map.about)
    }
    if (data.digits) digits = Array.from(bytesOf(data.digits))
    // What belongs to moments that are no longer shown is dropped: the memory stays bounded however
    // long the training is.
    const moments = new Set(this.moments)
    for (const some of [this.frames, this.maps, this.asked, this.reasons]) {
      for (const epochs of some.keys()) {
        if (!moments.has(epochs)) some.delete(epochs)
      }
    }
    if (this.at !== null && !moments.has(this.at)) {
      this.at = this.moments[nearest(this.moments, this.at)] ?? null
    }
    this.draw()
  }

  draw() {
    const { moments } = this
    const last = moments.length - 1
    const index = this.at === null ? last : moments.indexOf(this.at)
    this.slider.max = String(Math.max(last, 0))
    this.slider.value = String(index)
    this.image.hidden = last < 0 || view !== "pictures"
    this.map.root.hidden = last < 0 || view !== "map"
    this.caption.hidden = last < 0
    this.caption.textContent = this.data.captions[view]
    for (const { name, tab } of this.tabs) set(tab, { "aria-pressed": name === view })
    const alone = moments.length < 2
    this.slider.hidden = this.play.hidden = alone
    const name = this.timer ? "Stop the film" : "Play the film"
    if (this.play.getAttribute("aria-label") !== name) {
      this.play.setAttribute("aria-label", name)
      this.play.title = this.timer ? "Stop the film" : "Play from the beginning"
      this.play.textContent = this.timer ? "❚❚" : "▶"
    }
    const when = this.data.moments[index]?.[1] ?? "No pictures."
    this.label.textContent = when
    this.slider.setAttribute("aria-valuetext", when)
    if (view === "map") this.drawMap(moments[index], when)
    const png = this.frames.get(moments[index])
    if (png === undefined) {
      if (view === "pictures") this.fetch()
    } else {
      const source = `data:image/png;base64,${png}`
      if (this.image.src !== source) this.image.src = source
      this.image.alt = `What the model draws ${when}`
    }
    if (this.announced !== `${this.data.run} ${this.at}`) {
      this.announced = `${this.data.run} ${this.at}`
      announce(this.data.run, this.at)
    }
  }

  /**
   * @param {number} moment
   * @param {string} when the moment in words
   */
  drawMap(moment, when) {
    const map = this.maps.get(moment)
    if (map) return this.map.show(map.points, digits, when, map.about)
    const reason = this.reasons.get(moment)
    if (reason !== undefined) this.map.explain(reason)
    this.fetch()
  }

  /** @param {Name} name */
  open(name) {
    this.stop()
    view = name
    this.asked.clear()
    this.draw()
  }

  // What is here of the view that is open: moment → picture or map.
  get shown() {
    return view === "map" ? this.maps : this.frames
  }

  /** @param {number} index of a moment */
  go(index) {
    const { moments } = this
    this.at = index >= moments.length - 1 ? null : moments[index]
    this.draw()
  }

  // Ask for what is not here of the view that is open; again after a while, because what is sent
  // while the page is still being made can be lost.
  fetch() {
    const now = performance.now()
    const { asked, shown } = this
    /** @param {number} epochs */
    const due = (epochs) => {
      const { at, times } = asked.get(epochs) ?? { at: -Infinity, times: 0 }
      return now >= at + ASK_AGAIN_MS && times < MAX_ASKED
    }
    const missing = this.moments.filter((epochs) => !shown.has(epochs) && due(epochs))
    if (!missing.length) return
    for (const epochs of missing) {
      asked.set(epochs, { at: now, times: (asked.get(epochs)?.times ?? 0) + 1 })
    }
    this.host.trigger(view === "map" ? "map" : "want", missing)
    clearTimeout(this.later)
    this.later = setTimeout(
      this.host.guard(() => this.draw()),
      ASK_AGAIN_MS,
    )
  }

  start() {
    const first = this.at === null ? 0 : this.moments.indexOf(this.at)
    this.go(first)
    const ms = view === "map" ? GLIDE_MS : FRAME_MS
    this.timer = setInterval(
      this.host.guard(() => this.next()),
      ms,
    )
    this.draw()
  }

  next() {
    const { moments } = this
    const index = this.at === null ? moments.length - 1 : moments.indexOf(this.at)
    if (index >= moments.length - 1) return this.stop()
    const next = moments[index + 1]
    if (this.shown.has(next) || (view === "map" && this.reasons.has(next))) this.go(index + 1)
    else this.fetch()
  }

  stop() {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = 0
    this.draw()
  }
}

export default component(Film)
