// A training at each of its moments: what the model drew, or a map of its z; a slider over the
// moments, and play. Pictures and maps are fetched when they are to be seen.

import { set } from "../components/dom.js"
import { bytesOf } from "../components/numbers.js"
import { append, component, nearest } from "../components/view.js"
import { LivePart } from "./feed.js"
import { announce, onSeek } from "./moment.js"
import { GLIDE_MS, PointMap, unpacked } from "./points.js"

/** @import { Host } from "../components/view.js" */

/** @typedef {{points: Float32Array, digits: number[], about: string}} PointsOfMoment */

/**
 * @typedef {object} FilmData
 * @property {string} run its id
 * @property {string} address below which its pictures and maps are
 * @property {[number, string, string][]} moments epochs done, the same in words, and the key of
 *   what there is of it
 * @property {Record<Name, string>} captions
 */

/** @typedef {keyof typeof VIEWS} Name */

const FRAME_MS = 250
const VIEWS = { pictures: "Pictures", map: "Map of z" }

/** @type {Name} */
let view = "pictures"

/** @extends {LivePart<FilmData>} */
class Film extends LivePart {
  name = "film"

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
    /** @type {Map<string, HTMLImageElement>} those that are or were fetched, by key */
    this.pictures = new Map()
    /** @type {Map<string, PointsOfMoment | null>} by key; null: it is being fetched */
    this.maps = new Map()
    this.timer = 0
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
    for (const event of ["pointerenter", "focus"]) {
      host.on(this.play, event, () => this.prefetch())
      host.on(this.slider, event, () => this.prefetch())
    }
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
    super.close()
    this.stop()
    this.map.close()
    this.stopListening()
  }

  get moments() {
    return this.data.moments.map(([epochs]) => epochs)
  }

  /** @param {FilmData} data */
  show(data) {
    if (this.data?.run !== data.run) {
      this.stop()
      this.at = null
      this.pictures.clear()
      this.maps.clear()
      this.map.clear()
    }
    this.data = data
    // The memory stays bounded however long the training is.
    const keys = new Set(data.moments.map(([, , key]) => key))
    for (const some of [this.pictures, this.maps]) {
      for (const key of some.keys()) {
        if (!keys.has(key)) some.delete(key)
      }
    }
    const { moments } = this
    if (this.at !== null && !moments.includes(this.at)) {
      this.at = moments[nearest(moments, this.at)] ?? null
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
    const [, when, key] = this.data.moments[index] ?? [0, "No pictures.", ""]
    this.label.textContent = when
    this.slider.setAttribute("aria-valuetext", when)
    if (key && view === "map") this.drawMap(key, when)
    else if (key) {
      const { src } = this.picture(key)
      if (this.image.src !== src) this.image.src = src
      this.image.alt = `What the model draws ${when}`
    }
    if (this.announced !== `${this.data.run} ${this.at}`) {
      this.announced = `${this.data.run} ${this.at}`
      announce(this.data.run, this.at)
    }
  }

  /** @param {string} key */
  picture(key) {
    const picture = this.pictures.get(key) ?? new Image()
    if (!picture.src) picture.src = `${this.data.address}/pictures/${key}`
    this.pictures.set(key, picture)
    return picture
  }

  /**
   * @param {string} key
   * @param {string} when the moment in words
   */
  drawMap(key, when) {
    const map = this.maps.get(key)
    if (map === undefined) this.fetchMap(key)
    else if (map?.points.length) this.map.show(map.points, map.digits, when, map.about)
    else if (map) this.map.explain(map.about)
  }

  /** @param {string} key */
  async fetchMap(key) {
    this.maps.set(key, null)
    try {
      const answer = await fetch(`${this.data.address}/maps/${key}`)
      if (!answer.ok) throw new Error(`The map of z cannot be fetched: ${answer.status}.`)
      const { about, digits, ...packed } = await answer.json()
      const points = packed.points ? unpacked(packed) : new Float32Array()
      this.maps.set(key, { points, digits: digits ? [...bytesOf(digits)] : [], about })
      this.draw()
    } catch (error) {
      this.maps.delete(key)
      // The run may have been deleted, which the page says.
      if (!(error instanceof TypeError)) this.host.report(error)
    }
  }

  /** @param {Name} name */
  open(name) {
    this.stop()
    view = name
    this.draw()
  }

  /** @param {number} index of a moment */
  go(index) {
    const { moments } = this
    this.at = index >= moments.length - 1 ? null : moments[index]
    this.draw()
  }

  // What is not here of the view that is open.
  prefetch() {
    for (const [, , key] of this.data.moments) {
      if (view === "pictures") this.picture(key)
      else if (!this.maps.has(key)) this.fetchMap(key)
    }
  }

  start() {
    this.prefetch()
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
    const key = this.data.moments[index + 1][2]
    if (view === "map" ? this.maps.get(key) : this.picture(key).complete) this.go(index + 1)
  }

  stop() {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = 0
    this.draw()
  }
}

export default component(Film)
