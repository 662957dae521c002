// What the views of the Explore page share: each waits for the model, draws at most once in a
// frame, and goes on in the next frame if one is too short for all of the picture.

import { content, main } from "../components/streamlit.js"
import { append } from "../components/view.js"
import { Tiles } from "../generate/tiles.js"
import { model, peek } from "../engine/hub.js"

const WORK = 12 // Milliseconds of work in a frame, so that the page follows the finger meanwhile.
const MARGIN = 24 // Pixels below the view.
const MIN_HEIGHT = 400

export class LiveView {
  // `root`: what it is in; `host`: see ../view.js.
  constructor(root, host) {
    this.root = root
    this.below = 0 // Pixels of what the page has below the view.
    this.host = host
    this.frame = 0
    this.closed = false
    this.model = undefined
    this.resizes = new ResizeObserver(host.guard(() => this.measure()))
    this.resizes.observe(document.documentElement)
    this.resizes.observe(content())
  }

  // Tell the style how high the view may be to end where the window ends.
  measure() {
    const top = this.root.getBoundingClientRect().top + main().scrollTop
    const free = Math.max(window.innerHeight - top - MARGIN - this.below, MIN_HEIGHT)
    this.root.style.setProperty("--free", `${Math.floor(free)}px`)
  }

  // Draw with the model of that id, as soon as it is in the browser.
  drawWith(id) {
    this.id = id
    this.model = peek(id)
    if (this.model) return this.drawSoon()
    model(id).then(
      this.host.guard((loaded) => {
        if (this.id !== id || this.closed) return
        this.model = loaded
        this.drawSoon()
      }),
      this.host.guard((error) => { throw error }),
    )
  }

  // `draw(now)` of the view returns whether there is something left to draw.
  drawSoon() {
    if (this.frame || this.closed) return
    this.frame = requestAnimationFrame(this.host.guard((now) => {
      this.frame = 0
      if (this.closed || this.model?.id !== this.id) return
      if (this.draw(now)) this.drawSoon()
    }))
  }

  close() {
    this.closed = true
    this.resizes.disconnect()
    cancelAnimationFrame(this.frame)
  }
}

// Returns a function that says whether the work of this frame should end.
export function frameBudget() {
  const end = performance.now() + WORK
  return () => performance.now() > end
}

// A canvas for digits, which a screen reader passes over unless `describe` says what it shows.
export function digitCanvas(parent, className, rows, columns, gap) {
  const canvas = append(parent, "canvas", className)
  canvas.setAttribute("aria-hidden", "true")
  const tiles = new Tiles(canvas)
  tiles.resize(rows, columns, gap)
  return tiles
}

export function describe(tiles, text) {
  tiles.canvas.removeAttribute("aria-hidden")
  tiles.canvas.setAttribute("role", "img")
  tiles.canvas.setAttribute("aria-label", text)
}

export function button(parent, text, press) {
  const made = append(parent, "button", "", text)
  made.type = "button"
  made.addEventListener("click", press)
  return made
}

// A number with its sign and as many decimals as it needs, two at most.
export function short(value) {
  const rounded = Math.round(100 * value) / 100
  return (rounded < 0 ? "−" : rounded > 0 ? "+" : "") + Math.abs(rounded)
}

export function dimensionName(i, names) {
  return names[i] ? `${names[i]} (z${i})` : `z${i}`
}
