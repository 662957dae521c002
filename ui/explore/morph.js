// The way from one point of the latent space to another: a strip of digits, and one that moves.

import { percent } from "../components/dom.js"
import { contribute } from "../components/link.js"
import { append, component } from "../components/view.js"
import { argmax, softmax } from "../engine/maths.js"
import { button, describe, digitCanvas, frameBudget, LiveView } from "./live_view.js"
import { interpolate } from "./paths.js"
import { Track } from "./track.js"

/** @import { Host } from "../components/view.js" */
/** @import { Place } from "./live_view.js" */

/**
 * @typedef {object} MorphData
 * @property {string} model its id
 * @property {number} columns digits in the strip
 * @property {Place} start
 * @property {Place} end
 * @property {boolean} spherical whether the way is an arc
 * @property {number} go milliseconds of the way
 * @property {number} rest milliseconds at each end
 * @property {number | null} at where to stand first, 0 to 1, from a link; null: at the start
 */

const ROUNDS = 3 // As often it goes there and back by itself.
const DOWNLOADS = 56 // Pixels of the buttons below.

/** @extends {LiveView<MorphData>} */
class Morph extends LiveView {
  /** @type {Track} */
  track

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.below = DOWNLOADS
    this.share = 0
    this.strip = append(this.root, "div", "strip")
    const ends = append(this.root, "div", "ends")
    this.titles = [append(ends, "span"), append(ends, "span")]
    const player = append(this.root, "div", "player")
    this.tiles = picture(player, "Decoded on the way")
    this.faded = picture(player, "Cross-fade of the two ends")
    const side = append(player, "div", "panel-side")
    this.where = append(side, "p")
    this.reading = append(side, "p")
    this.play = button(side, "Play")
    host.on(this.play, "click", () => this.toggle())
    this.unlink = contribute("at", () => {
      return !this.moves && this.share > 0 ? this.share.toFixed(2) : null
    })
    this.moves = false
    this.rounds = 0
    /** @type {number | null} when it began to move; null: the next frame says when */
    this.since = null
    this.between = "" // The two ends, and all of the way, as text.
    this.path = ""
    this.drawn = 0 // Columns of the strip.
    /** @type {Float32Array[] | null} the pictures at both ends */
    this.ends = null
  }

  /** @param {MorphData} data */
  update(data) {
    const isFirst = this.between === ""
    const between = JSON.stringify([data.model, data.start, data.end])
    const path = JSON.stringify([between, data.spherical, data.columns])
    const isElsewhere = between !== this.between
    this.data = data
    this.between = between
    if (this.track?.columns !== data.columns) {
      this.strip.replaceChildren()
      this.track = new Track(this.strip, data.columns, this.host, (share) => this.stand(share))
    }
    this.titles[0].textContent = data.start.title
    this.titles[1].textContent = data.end.title
    if (path !== this.path) {
      this.path = path
      this.ends = null
      this.drawn = 0
    }
    if (isElsewhere) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
      if (isFirst && data.at !== null) this.share = data.at
      else if (calm) this.stand(0)
      else this.start(ROUNDS)
    }
    this.drawWith(data.model)
  }

  toggle() {
    if (this.moves) this.stand(this.share)
    else this.start(Infinity)
  }

  /** @param {number} rounds */
  start(rounds) {
    this.rounds = rounds
    this.moves = true
    this.since = null
    this.play.textContent = "Pause"
    this.drawSoon()
  }

  /** @param {number} share */
  stand(share) {
    this.moves = false
    this.share = share
    this.play.textContent = "Play"
    this.drawSoon()
  }

  /**
   * Go on: there, a rest, back, a rest.
   * @param {number} now milliseconds
   */
  move(now) {
    const { go, rest } = this.data
    this.since ??= now
    const round = 2 * (go + rest)
    const passed = now - this.since
    if (passed >= this.rounds * round) return this.stand(0)
    const at = passed % round
    this.share = at < go + rest ? Math.min(at / go, 1) : 1 - Math.min((at - go - rest) / go, 1)
  }

  /** @param {number} now */
  draw(now) {
    const { start, end, spherical, columns } = this.data
    if (start.z.length !== this.model.zDim) return false
    if (this.moves) this.move(now)
    /** @param {number} share */
    const decode = (share) => {
      const prob = Float32Array.from(start.prob, (p, i) => (1 - share) * p + share * end.prob[i])
      return this.model.decode(interpolate(start.z, end.z, share, spherical), prob)
    }
    const pixels = decode(this.share)
    this.tiles.paint(pixels)
    this.ends ??= [decode(0), decode(1)]
    const [from, to] = this.ends
    this.faded.paint(from.map((value, i) => (1 - this.share) * value + this.share * to[i]))
    this.tell(pixels)
    const spent = frameBudget()
    while (this.drawn < columns) {
      this.track.tiles.put(this.drawn, decode(this.drawn / (columns - 1)), 0)
      this.drawn++
      if (spent()) break
    }
    this.track.tiles.show()
    this.root.dataset.ready = ""
    return this.drawn < columns || this.moves
  }

  /**
   * Say where it is, and what the classifier sees there.
   * @param {Float32Array} pixels
   */
  tell(pixels) {
    const way = `${Math.round(100 * this.share)} % of the way`
    const prob = softmax(this.model.classify(pixels), this.model.temperature)
    const digit = argmax(prob)
    this.where.textContent = way
    this.reading.textContent = `The classifier reads a ${digit}: ${percent(prob[digit])}`
    describe(this.tiles, `The digit at ${way}`)
    describe(this.faded, `The cross-fade at ${way}`)
    this.track.show(this.share, way)
    this.track.describe("The way from one digit to the other", 0, 1, this.share.toFixed(2))
  }

  close() {
    super.close()
    this.unlink()
  }
}

/**
 * @param {Element} parent
 * @param {string} text
 */
function picture(parent, text) {
  const figure = append(parent, "figure")
  const tiles = digitCanvas(figure, "large", 1, 1)
  append(figure, "figcaption", "muted", text)
  return tiles
}

export default component(Morph)
