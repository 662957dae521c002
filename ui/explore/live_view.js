// What the views of the Explore page share: each waits for the model, draws at most once in a
// frame, and goes on in the next frame if one is too short for all of the picture.

import { set } from "../components/dom.js"
import { content, main } from "../components/streamlit.js"
import { append, View } from "../components/view.js"
import { model } from "../engine/model_cache.js"
import { Tiles } from "../generate/tiles.js"

/** @import { Host } from "../components/view.js" */
/** @import { Model } from "../engine/engine.js" */

/**
 * A point of the latent space, as `Place` in ui/explore/places.py.
 * @typedef {object} Place
 * @property {number[]} z (zDim,)
 * @property {number[]} prob what the decoder gets beside z, (10,)
 * @property {string} title what it is, in words
 */

/** @typedef {Record<number, string>} Names those of dimensions, by their numbers */

const WORK = 12 // Milliseconds of work in a frame, so that the page follows the finger meanwhile.
const MARGIN = 24 // Pixels below the view.
const MIN_HEIGHT = 400

/**
 * @template Data
 * @extends {View<Data>}
 */
export class LiveView extends View {
  /**
   * What Python has sent last.
   * @type {Data}
   */
  data

  /**
   * The one that arrived last. It is not yet that of `id` while another is on its way.
   * @type {Model}
   */
  model

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(/** @type {HTMLElement} */ (root.querySelector(".view")), host)
    this.below = 0 // Pixels of what the page has below the view.
    this.id = "" // Of the model that is to be drawn with.
    this.frame = 0
    this.closed = false
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

  /**
   * Draw with the model of that id, as soon as it is in the browser.
   * @param {string} id
   */
  drawWith(id) {
    this.id = id
    model(id)
      .then((loaded) => {
        if (this.id !== id) return
        this.model = loaded
        this.drawSoon()
      })
      .catch(this.host.report)
  }

  drawSoon() {
    if (this.frame || this.closed) return
    this.frame = requestAnimationFrame(
      this.host.guard((now) => {
        this.frame = 0
        if (this.model?.id === this.id && this.draw(now)) this.drawSoon()
      }),
    )
  }

  /**
   * Returns whether there is something left to draw; a view defines it.
   * @param {number} _now milliseconds
   */
  draw(_now) {
    return false
  }

  close() {
    this.closed = true
    this.resizes.disconnect()
    cancelAnimationFrame(this.frame)
  }
}

/** Returns a function that says whether the work of this frame should end. */
export function frameBudget() {
  const end = performance.now() + WORK
  return () => performance.now() > end
}

/**
 * A canvas for digits, which a screen reader passes over unless `describe` says what it shows.
 * @param {Element} parent
 * @param {string} className
 * @param {number} rows
 * @param {number} columns
 */
export function digitCanvas(parent, className, rows, columns) {
  const canvas = append(parent, "canvas", className)
  canvas.setAttribute("aria-hidden", "true")
  const tiles = new Tiles(canvas)
  tiles.resize(rows, columns, 0)
  return tiles
}

/**
 * @param {Tiles} tiles
 * @param {string} text
 */
export function describe(tiles, text) {
  tiles.canvas.removeAttribute("aria-hidden")
  set(tiles.canvas, { role: "img", "aria-label": text })
}

/**
 * @param {Element} parent
 * @param {string} text
 */
export function button(parent, text) {
  const made = append(parent, "button", "", text)
  made.type = "button"
  return made
}

/**
 * A number with its sign and as many decimals as it needs, two at most.
 * @param {number} value
 */
export function short(value) {
  const rounded = Math.round(100 * value) / 100
  return (rounded < 0 ? "−" : rounded > 0 ? "+" : "") + Math.abs(rounded)
}

/**
 * @param {number} i
 * @param {Names} names
 */
export function dimensionName(i, names) {
  return names[i] ? `${names[i]} (z${i})` : `z${i}`
}
