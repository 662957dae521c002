// Where test images lie in the latent space at a moment of a training: points that travel from
// moment to moment.

import { digitColor } from "../components/colors.js"
import { element } from "../components/dom.js"
import { bytesOf } from "../components/numbers.js"
import { make, set } from "../components/svg.js"
import { append } from "../components/view.js"

/** @import { Host } from "../components/view.js" */

export const GLIDE_MS = 400
const NEAR_PX = 14 // A pointer as near as this is on a point.
const LEAST_REACH = 3.5 // Of the map, up and down, in units of z.
const WITHIN = 0.995 // The share of the points that the map reaches.
const RADIUS_PX = 2.3
const FAINT = 0.1
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }

/**
 * Coordinates, (n · 2,), of int16 numbers as base64 and the number that they are multiplied by.
 * @param {{points: string, scale: number}} map
 */
export function unpacked({ points, scale }) {
  return Float32Array.from(new Int16Array(bytesOf(points).buffer), (value) => value * scale)
}

export class PointMap {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = root
    /** @type {number[]} */
    this.labels = []
    /** @type {Float32Array | null} the coordinates that are shown */
    this.at = null
    /** @type {Float32Array} */
    this.from = new Float32Array() // Where the glide begins, and where it ends.
    /** @type {Float32Array} */
    this.to = new Float32Array()
    this.reach = this.fromReach = this.toReach = LEAST_REACH
    this.frame = 0
    this.began = 0
    this.described = ""
    /** @type {Set<number>} digits; none stands for all */
    this.only = new Set()
    /** @type {number | null} the number of a test image */
    this.pointed = null
    /** @type {number | null} as `pointed` */
    this.pinned = null
    this.plane = append(root, "div", "plane")
    this.rings = make("svg", { preserveAspectRatio: "none", "aria-hidden": "true" })
    for (const radius of [1, 2, 3]) this.rings.append(make("circle", { r: radius }))
    const canvas = element("canvas", { role: "img", tabindex: "0" })
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
    this.plane.append(this.rings, canvas)
    this.mark = append(this.plane, "div", "mark")
    this.sentence = append(this.plane, "div", "sentence")
    this.sentence.setAttribute("role", "status")
    this.legend = append(root, "div", "digits")
    this.legend.setAttribute("aria-label", "Digits shown")
    this.legend.setAttribute("role", "group")
    this.buttons = Array.from({ length: 10 }, (_, digit) => {
      const button = append(this.legend, "button", "digit")
      button.type = "button"
      append(button, "span", "dot").style.backgroundColor = digitColor(digit)
      button.append(String(digit))
      host.on(button, "click", () => this.toggle(digit))
      return button
    })
    // The theme has changed.
    host.on(this.legend, "transitionend", () => this.paint())
    this.about = append(root, "div", "about")
    this.about.setAttribute("aria-live", "polite")
    this.listen(host)
    this.observer = new ResizeObserver(host.guard(() => this.resize()))
    this.observer.observe(this.plane)
    /** @type {FrameRequestCallback} */
    this.step = host.guard((now) => this.glide(now))
    this.toggle(null)
  }

  /** @param {Host} host */
  listen(host) {
    host.on(this.plane, "pointermove", (event) => this.point(this.nearest(event)))
    host.on(this.plane, "pointerleave", () => this.point(null))
    host.on(this.plane, "pointerdown", (event) => {
      this.pinned = this.nearest(event)
      this.point(this.pinned)
    })
    host.on(this.plane, "keydown", (event) => {
      if (event.key === "Escape") {
        this.pinned = null
        return this.point(null)
      }
      if (!(event.key in KEYS) || !this.at) return
      event.preventDefault()
      this.walk(KEYS[event.key])
    })
  }

  /**
   * Pin another of the images that are shown, this many places after the pinned one.
   * @param {number} by
   */
  walk(by) {
    const numbers = this.labels.map((_, i) => i).filter((i) => this.shows(i))
    const before = numbers.filter((i) => i < (this.pinned ?? 0)).length
    const starts = by > 0 && numbers[before] !== this.pinned ? 1 : 0 // To the next one.
    const next = Math.min(Math.max(before + by - starts, 0), numbers.length - 1)
    this.pinned = numbers[next] ?? null
    this.point(this.pinned)
  }

  close() {
    cancelAnimationFrame(this.frame)
    this.observer.disconnect()
  }

  // Forget the points: those that are shown next do not travel.
  clear() {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    this.at = this.pinned = this.pointed = null
    this.say("")
  }

  /**
   * A sentence instead of points.
   * @param {string} sentence
   */
  explain(sentence) {
    this.clear()
    this.sentence.textContent = sentence
    this.paint()
  }

  /**
   * @param {Float32Array} coordinates (n · 2,)
   * @param {number[]} labels
   * @param {string} when the moment in words
   * @param {string} about what is shown
   */
  show(coordinates, labels, when, about) {
    this.sentence.textContent = ""
    this.labels = labels
    this.described = about
    this.say(this.text())
    this.context.canvas.setAttribute(
      "aria-label",
      `${coordinates.length / 2} test digits in z ${when}`,
    )
    if (this.to === coordinates && this.at) return
    this.to = coordinates
    this.toReach = this.reachOf(coordinates)
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches
    if (!this.at || this.at.length !== coordinates.length || still || !this.plane.offsetWidth) {
      cancelAnimationFrame(this.frame)
      this.frame = 0
      this.at = coordinates.slice()
      this.reach = this.toReach
      return this.paint()
    }
    this.from = this.at.slice()
    this.fromReach = this.reach
    this.began = performance.now()
    this.frame ||= requestAnimationFrame(this.step)
  }

  /** @param {number} now milliseconds */
  glide(now) {
    const share = Math.min(Math.max((now - this.began) / GLIDE_MS, 0), 1)
    const { from, to, at } = this
    if (!at) return
    for (let i = 0; i < at.length; i++) at[i] = from[i] + share * (to[i] - from[i])
    this.reach = this.fromReach + share * (this.toReach - this.fromReach)
    this.frame = share < 1 ? requestAnimationFrame(this.step) : 0
    this.paint()
  }

  /** @param {Float32Array} coordinates */
  reachOf(coordinates) {
    const { offsetWidth: width, offsetHeight: height } = this.plane
    const aspect = width && height ? height / width : 1
    const needed = []
    for (let i = 0; i < coordinates.length; i += 2) {
      needed.push(Math.max(Math.abs(coordinates[i]) * aspect, Math.abs(coordinates[i + 1])))
    }
    needed.sort((a, b) => a - b)
    return Math.max(LEAST_REACH, 1.05 * needed[Math.floor(WITHIN * (needed.length - 1))])
  }

  resize() {
    const { offsetWidth: width, offsetHeight: height } = this.plane
    if (!width || !height) return
    const ratio = devicePixelRatio || 1
    Object.assign(this.context.canvas, { width: width * ratio, height: height * ratio })
    if (this.at && !this.frame) this.reach = this.toReach = this.reachOf(this.to)
    this.paint()
  }

  // Pixels from the middle of the plane for a unit of z.
  get unit() {
    return this.plane.offsetHeight / 2 / this.reach
  }

  paint() {
    const { context, at, unit } = this
    const { offsetWidth: width, offsetHeight: height } = this.plane
    if (!width || !height) return
    const wide = (this.reach * width) / height
    set(this.rings, { viewBox: `${-wide} ${-this.reach} ${2 * wide} ${2 * this.reach}` })
    const ratio = context.canvas.width / width
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    this.showMark()
    if (!at) return
    context.translate(width / 2, height / 2)
    const colors = this.buttons.map((b) => getComputedStyle(b.children[0]).backgroundColor)
    // In the order of the images, so that no digit covers the others; faint ones below.
    for (const shown of [false, true]) {
      context.globalAlpha = shown ? 0.85 : FAINT
      for (let i = 0; i < at.length / 2; i++) {
        if (this.shows(i) !== shown) continue
        context.fillStyle = colors[this.labels[i]]
        context.beginPath()
        context.arc(at[2 * i] * unit, -at[2 * i + 1] * unit, RADIUS_PX, 0, 2 * Math.PI)
        context.fill()
      }
    }
  }

  /** @param {number} i the number of a test image */
  shows(i) {
    return !this.only.size || this.only.has(this.labels[i])
  }

  /** @param {number | null} digit */
  toggle(digit) {
    if (digit !== null && !this.only.delete(digit)) this.only.add(digit)
    this.buttons.forEach((button, i) => {
      set(button, { "aria-pressed": this.only.has(i) })
      button.classList.toggle("off", this.only.size > 0 && !this.only.has(i))
    })
    this.paint()
  }

  /**
   * The number of the test image under the pointer, or null.
   * @param {PointerEvent} event
   */
  nearest({ clientX, clientY }) {
    if (!this.at) return null
    const { left, top, width, height } = this.plane.getBoundingClientRect()
    const x = (clientX - left - width / 2) / this.unit
    const y = (top + height / 2 - clientY) / this.unit
    /** @type {number | null} */
    let best = null
    let least = (NEAR_PX / this.unit) ** 2
    for (let i = 0; i < this.at.length / 2; i++) {
      const distance = (this.at[2 * i] - x) ** 2 + (this.at[2 * i + 1] - y) ** 2
      if (distance > least || !this.shows(i)) continue
      best = i
      least = distance
    }
    return best
  }

  /** @param {number | null} i the number of a test image */
  point(i) {
    this.pointed = i
    this.say(this.text())
    this.showMark()
  }

  text() {
    const i = this.pointed ?? this.pinned
    if (i === null || !this.at) return this.described
    return `Test digit ${i}, labelled ${this.labels[i]}`
  }

  /** @param {string} text */
  say(text) {
    if (this.about.textContent !== text) this.about.textContent = text
  }

  showMark() {
    const i = this.pointed ?? this.pinned
    this.mark.hidden = i === null || !this.at
    if (i === null || !this.at) return
    const x = this.plane.offsetWidth / 2 + this.at[2 * i] * this.unit
    const y = this.plane.offsetHeight / 2 - this.at[2 * i + 1] * this.unit
    this.mark.style.transform = `translate(${x}px, ${y}px)`
  }
}
