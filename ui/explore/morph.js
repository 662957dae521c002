// The way from one point of the latent space to another: a strip of digits, and one that moves.
//
// data: {
//   model: id, columns: digits in the strip
//   start, end: {z: (zDim,), prob: (10,), title: what it is, in words}
//   spherical: whether the way is an arc
//   go, rest: milliseconds of the way, and at each end
//   at: where to stand first, 0 to 1, from a link; null: at the start
// }

import { percent } from "../components/dom.js"
import { contribute } from "../components/link.js"
import { indexOfMost, softmax } from "../engine/maths.js"
import { append, component } from "../components/view.js"
import { button, describe, digitCanvas, frameBudget, LiveView } from "./live_view.js"
import { interpolate } from "./paths.js"
import { Track } from "./track.js"

const ROUNDS = 3 // As often it goes there and back by itself.
const DOWNLOADS = 56 // Pixels of the buttons below.

class Morph extends LiveView {
  constructor(root, host) {
    super(root.querySelector(".view"), host)
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
    this.play = button(side, "Play", host.guard(() => this.toggle()))
    this.unlink = contribute("at", () => {
      return this.since === null && this.share > 0 ? this.share.toFixed(2) : null
    })
    this.since = null // When it began to move; null: it stands.
    this.todo = []
  }

  update(data) {
    const first = this.data === undefined
    const between = JSON.stringify([data.model, data.start, data.end])
    const path = JSON.stringify([between, data.spherical, data.columns])
    const same = path === this.path
    const elsewhere = between !== this.between
    Object.assign(this, { data, path, between })
    if (this.track?.columns !== data.columns) {
      this.strip.replaceChildren()
      const moved = (share) => this.stand(share)
      this.track = new Track(this.strip, data.columns, this.host, { moved })
    }
    this.titles[0].textContent = data.start.title
    this.titles[1].textContent = data.end.title
    if (!same) {
      this.ends = null
      this.todo = Array.from({ length: data.columns }, (_, i) => i)
    }
    if (elsewhere) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
      if (first && data.at !== null) this.share = data.at
      else if (calm) this.stand(0)
      else this.start(ROUNDS)
    }
    this.drawWith(data.model)
  }

  toggle() {
    if (this.since === null) this.start(Infinity)
    else this.stand(this.share)
  }

  start(rounds) {
    this.rounds = rounds
    this.since = undefined // The next frame says when.
    this.play.textContent = "Pause"
    this.drawSoon()
  }

  stand(share) {
    this.since = null
    this.share = share
    this.play.textContent = "Play"
    this.drawSoon()
  }

  // Where it is after that many milliseconds: there, a rest, back, a rest.
  move(now) {
    const { go, rest } = this.data
    this.since ??= now
    const round = 2 * (go + rest)
    const passed = now - this.since
    if (passed >= this.rounds * round) return this.stand(0)
    const at = passed % round
    this.share = at < go + rest ? Math.min(at / go, 1) : 1 - Math.min((at - go - rest) / go, 1)
  }

  draw(now) {
    const { start, end, spherical, columns } = this.data
    if (start.z.length !== this.model.zDim) return false
    if (this.since !== null) this.move(now)
    const decode = (share) => {
      const prob = Float32Array.from(start.prob, (p, i) => (1 - share) * p + share * end.prob[i])
      return this.model.decode(interpolate(start.z, end.z, share, spherical), prob)
    }
    const pixels = decode(this.share)
    this.tiles.paint(pixels)
    this.ends ??= [decode(0), decode(1)]
    const [from, to] = this.ends
    this.faded.paint(from.map((value, i) => (1 - this.share) * value + this.share * to[i]))
    this.say(pixels)
    const spent = frameBudget()
    while (this.todo.length > 0) {
      const i = this.todo.shift()
      this.track.tiles.put(i, decode(i / (columns - 1)), 0)
      if (spent()) break
    }
    this.track.tiles.show()
    this.root.dataset.ready = ""
    return this.todo.length > 0 || this.since !== null
  }

  say(pixels) {
    const way = `${Math.round(100 * this.share)} % of the way`
    const prob = softmax(this.model.classify(pixels), this.model.temperature)
    const digit = indexOfMost(prob)
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

function picture(parent, text) {
  const figure = append(parent, "figure")
  const tiles = digitCanvas(figure, "large", 1, 1, 0)
  append(figure, "figcaption", "muted", text)
  return tiles
}

export default component(Morph)
