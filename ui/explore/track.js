// A strip of digits as the track of a slider: where a finger, the mouse or a key is on it.

import { set } from "../components/dom.js"
import { append } from "../components/view.js"
import { digitCanvas } from "./live_view.js"

/** @import { Host } from "../components/view.js" */

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2 }
/** @type {Record<string, number>} */
const ENDS = { Home: 0, End: 1 }

export class Track {
  /**
   * A place is a share of the way from the middle of the first digit, 0, to that of the last, 1.
   * @param {Element} parent
   * @param {number} columns
   * @param {Host} host
   * @param {(share: number) => void} moved called while a visitor moves the slider
   * @param {(share: number | null) => void} pointed called with where a mouse points that is not
   *   pressed, and with null when it has left
   */
  constructor(parent, columns, host, moved, pointed = () => {}) {
    this.columns = columns
    this.share = 0
    this.moved = moved
    this.root = append(parent, "div", "track")
    this.tiles = digitCanvas(this.root, "", 1, columns)
    this.marker = append(this.root, "span", "marker")
    this.hint = append(this.root, "span", "marker hint")
    this.hint.hidden = true
    this.root.tabIndex = 0
    this.root.setAttribute("role", "slider")
    this.listen(host, pointed)
  }

  /**
   * @param {Host} host
   * @param {(share: number | null) => void} pointed
   */
  listen(host, pointed) {
    const { root } = this
    /** @param {PointerEvent} event */
    const held = (event) => root.hasPointerCapture(event.pointerId)
    let before = 0
    host.on(root, "pointerdown", (event) => {
      if (event.button !== 0) return
      root.setPointerCapture(event.pointerId)
      before = this.share
      // A finger that goes up or down scrolls the page.
      if (event.pointerType !== "touch") this.moved(this.at(event))
    })
    host.on(root, "pointermove", (event) => {
      if (held(event)) this.moved(this.at(event))
      else pointed(this.point(this.at(event)))
    })
    host.on(root, "pointerup", (event) => {
      if (held(event)) this.moved(this.at(event))
    })
    host.on(root, "pointercancel", () => this.moved(before))
    host.on(root, "pointerleave", () => pointed(this.point(null)))
    host.on(root, "keydown", (event) => {
      if (!(event.key in STEPS) && !(event.key in ENDS)) return
      event.preventDefault()
      this.moved(ENDS[event.key] ?? clamped(this.share + STEPS[event.key]))
    })
  }

  /** @param {PointerEvent} event */
  at(event) {
    const { left, width } = this.root.getBoundingClientRect()
    const column = ((event.clientX - left) / width) * this.columns - 0.5
    return clamped(column / (this.columns - 1))
  }

  /** @param {number | null} share */
  point(share) {
    this.hint.hidden = share === null
    if (share !== null) this.place(this.hint, share)
    return share
  }

  /**
   * Where the slider is.
   * @param {number} share
   * @param {string} text the same in words
   */
  show(share, text) {
    this.share = share
    this.place(this.marker, clamped(share))
    this.root.setAttribute("aria-valuetext", text)
  }

  /**
   * @param {string} name
   * @param {number} low
   * @param {number} high
   * @param {string | number} now
   */
  describe(name, low, high, now) {
    set(this.root, {
      "aria-label": name,
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-valuenow": now,
    })
  }

  /**
   * @param {HTMLElement} marker
   * @param {number} share
   */
  place(marker, share) {
    marker.style.left = `${(100 * (share * (this.columns - 1) + 0.5)) / this.columns}%`
  }
}

/** @param {number} share */
function clamped(share) {
  return Math.min(Math.max(share, 0), 1)
}
