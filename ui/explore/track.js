// A strip of digits as the track of a slider: where a finger, the mouse or a key is on it.

import { append } from "../components/view.js"
import { digitCanvas } from "./live_view.js"

const KEYS = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2 }

export class Track {
  // A place is a share of the way from the middle of the first digit, 0, to that of the last, 1.
  // `moved(share)` is called while a visitor moves the slider; `pointed(share)` with where a mouse
  // points that is not pressed, and with null when it has left.
  constructor(parent, columns, host, { moved, pointed = () => {} }) {
    this.columns = columns
    this.share = 0
    this.moved = moved
    this.root = append(parent, "div", "track")
    this.tiles = digitCanvas(this.root, "", 1, columns, 0)
    this.marker = append(this.root, "span", "marker")
    this.hint = append(this.root, "span", "marker hint")
    this.hint.hidden = true
    this.root.tabIndex = 0
    this.root.setAttribute("role", "slider")
    this.listen(host, pointed)
  }

  listen(host, pointed) {
    const on = (name, act) => this.root.addEventListener(name, host.guard(act))
    const held = (event) => this.root.hasPointerCapture(event.pointerId)
    let before = 0
    on("pointerdown", (event) => {
      if (event.button !== 0) return
      this.root.setPointerCapture(event.pointerId)
      before = this.share
      // A finger that goes up or down scrolls the page.
      if (event.pointerType !== "touch") this.moved(this.at(event))
    })
    on("pointermove", (event) => {
      if (held(event)) this.moved(this.at(event))
      else pointed(this.point(this.at(event)))
    })
    on("pointerup", (event) => {
      if (held(event)) this.moved(this.at(event))
    })
    on("pointercancel", () => this.moved(before))
    on("pointerleave", () => pointed(this.point(null)))
    on("keydown", (event) => {
      const ends = { Home: 0, End: 1 }
      if (!(event.key in KEYS) && !(event.key in ends)) return
      event.preventDefault()
      this.moved(ends[event.key] ?? clamped(this.share + KEYS[event.key]))
    })
  }

  at(event) {
    const { left, width } = this.root.getBoundingClientRect()
    const column = ((event.clientX - left) / width) * this.columns - 0.5
    return clamped(column / (this.columns - 1))
  }

  point(share) {
    this.hint.hidden = share === null
    if (share !== null) this.place(this.hint, share)
    return share
  }

  // Where the slider is; `text` is that in words.
  show(share, text) {
    this.share = share
    this.place(this.marker, clamped(share))
    this.root.setAttribute("aria-valuetext", text)
  }

  describe(name, low, high, now) {
    this.root.setAttribute("aria-label", name)
    this.root.setAttribute("aria-valuemin", low)
    this.root.setAttribute("aria-valuemax", high)
    this.root.setAttribute("aria-valuenow", now)
  }

  place(marker, share) {
    marker.style.left = `${(100 * (share * (this.columns - 1) + 0.5)) / this.columns}%`
  }
}

function clamped(share) {
  return Math.min(Math.max(share, 0), 1)
}
