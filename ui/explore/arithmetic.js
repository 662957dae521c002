// The mean z of some images minus the mean z of others, added to the z of one image.
//
// data: {
//   model: id, names: {"3": "slant"}
//   image: {z: (zDim,), prob: (10,), title: what it is, in words}
//   ids: of the test images that are needed; of these, in the same order,
//   labels, x: 784 bytes each as base64, z: (ids · zDim) float32 as base64
//   plus, minus: {ids, title} of the two groups; own: whether a visitor chooses them
//   pool: ids to choose from
//   amounts: of the strip, ascending, evenly far apart; amount: the one to begin with
// }
// Trigger: picked {plus: ids, minus: ids}.

import { signed } from "../components/dom.js"
import { labels } from "../generate/samples.js"
import { decoded, decodedGrays } from "../components/numbers.js"
import { contribute } from "../components/link.js"
import { append, component } from "../components/view.js"
import { button, describe, digitCanvas, dimensionName, LiveView, short } from "./live_view.js"
import { Track } from "./track.js"

const IN_A_ROW = 15 // Images of a group.
const MENTIONED = 4 // Dimensions of the difference that are named.
const STATES = { none: "plus", plus: "minus", minus: "none" } // What a click makes of an image.

class Arithmetic extends LiveView {
  constructor(root, host) {
    super(root.querySelector(".view"), host)
    const groups = append(this.root, "div", "groups")
    this.groups = { plus: group(groups), minus: group(groups) }
    this.said = append(groups, "p", "said")
    this.said.setAttribute("aria-live", "polite")
    this.picker = append(groups, "div", "picker")
    const hint = "Click an image once to add it (+), twice to subtract it (−)."
    append(this.picker, "p", "muted", hint)
    this.thumbs = append(this.picker, "div", "thumbs")
    button(this.picker, "Choose none", host.guard(() => this.pickNone()))
    const result = append(this.root, "div", "result")
    this.scale = append(result, "div", "marks muted")
    this.place = append(result, "div")
    const pair = append(result, "div", "pair")
    this.before = picture(pair, "Decoded from its own z")
    this.after = picture(pair, "")
    this.all = append(result, "div", "all")
    append(this.all, "h3", "", "The new z as each digit")
    this.digits = digitCanvas(this.all, "", 1, 10, 0)
    describe(this.digits, "The digits 0 to 9 in the new style")
    this.images = new Map()
    this.unlink = [
      contribute("amount", () => (this.amount === 1 ? null : String(this.amount))),
      ...["plus", "minus"].map((name) =>
        contribute(name, () => {
          const ids = this.data.own ? this.ids(name) : []
          return ids.length > 0 ? ids.join(",") : null
        }),
      ),
    ]
  }

  update(data) {
    const first = this.data === undefined
    this.data = data
    this.difference = null
    this.takeImages()
    if (first) {
      this.amount = data.amount
      this.picked = new Map() // The state of an image by its id.
    }
    if (data.own && !this.begun) {
      this.begun = true
      for (const name of ["plus", "minus"]) {
        for (const id of data[name].ids) this.picked.set(id, name)
      }
    }
    if (this.track?.columns !== data.amounts.length) this.buildTrack()
    this.picker.hidden = !data.own
    this.showPool()
    this.drawWith(data.model)
  }

  buildTrack() {
    const { amounts } = this.data
    this.scale.replaceChildren()
    for (const amount of amounts) append(this.scale, "span", "", short(amount))
    this.place.replaceChildren()
    const [low, high] = [amounts[0], amounts[amounts.length - 1]]
    this.track = new Track(this.place, amounts.length, this.host, {
      moved: (share) => {
        this.amount = Math.round(20 * (low + share * (high - low))) / 20
        this.drawSoon()
      },
    })
  }

  takeImages() {
    const { ids, labels: digits, x, z } = this.data
    const pixels = decodedGrays(x)
    const latents = decoded(z)
    const zDim = this.data.image.z.length
    if (this.imagesOf !== this.data.model) this.images.clear()
    this.imagesOf = this.data.model
    ids.forEach((id, i) => {
      const own = latents.subarray(zDim * i, zDim * (i + 1))
      this.images.set(id, { x: pixels.subarray(784 * i, 784 * (i + 1)), z: own, label: digits[i] })
    })
  }

  ids(name) {
    if (!this.data.own) return this.data[name].ids
    return [...this.picked].filter(([, state]) => state === name).map(([id]) => id)
  }

  showPool() {
    const pool = this.data.own ? this.data.pool : []
    const shown = JSON.stringify([pool, this.data.model])
    if (shown !== this.poolShown) {
      this.poolShown = shown
      this.thumbs.replaceChildren()
      this.buttons = pool.map((id) => {
        const thumb = button(this.thumbs, "", this.host.guard(() => this.pick(id)))
        thumb.className = "thumb"
        digitCanvas(thumb, "", 1, 1, 0).paint(this.images.get(id).x)
        return { id, thumb, sign: append(thumb, "span") }
      })
    }
    for (const { id, thumb, sign } of this.buttons) {
      const state = this.picked.get(id) ?? "none"
      thumb.dataset.state = state
      sign.textContent = { plus: "+", minus: "−", none: "" }[state]
      const where = { plus: ", added", minus: ", subtracted", none: "" }[state]
      const { label } = this.images.get(id)
      thumb.setAttribute("aria-label", `Test digit ${id}, labelled ${label}${where}`)
    }
  }

  pick(id) {
    this.picked.set(id, STATES[this.picked.get(id) ?? "none"])
    this.changed()
  }

  pickNone() {
    this.picked.clear()
    this.changed()
  }

  changed() {
    this.difference = null
    this.showPool()
    this.drawSoon()
    this.host.trigger("picked", { plus: this.ids("plus"), minus: this.ids("minus") })
  }

  // An image that was chosen and that this model's z is not here of is left out.
  mean(ids, zDim) {
    const mean = new Float64Array(zDim)
    const known = ids.filter((id) => this.images.has(id))
    for (const id of known) {
      this.images.get(id).z.forEach((value, i) => { mean[i] += value / known.length })
    }
    return mean
  }

  draw() {
    const { image, amounts } = this.data
    const { zDim } = this.model
    if (image.z.length !== zDim) return false
    if (!this.difference) this.compare(zDim)
    const moved = (amount) => Float32Array.from(image.z, (v, i) => v + amount * this.difference[i])
    const prob = Float32Array.from(image.prob)
    this.after.tiles.paint(this.model.decode(moved(this.amount), prob))
    const amount = signed(this.amount)
    const plus = this.amount < 0 ? "" : "+"
    this.after.caption.textContent = `The same z ${plus}${amount} × the difference`
    describe(this.after.tiles, `The image with ${amount} of the difference`)
    this.track.show((this.amount - amounts[0]) / (amounts[amounts.length - 1] - amounts[0]), amount)
    this.track.describe("Amount", amounts[0], amounts[amounts.length - 1], this.amount)
    this.all.hidden = !this.model.labelled
    if (this.model.labelled) {
      const style = moved(this.amount)
      const rows = Float32Array.from({ length: 10 * zDim }, (_, i) => style[i % zDim])
      this.digits.paint(this.model.decode(rows, labels([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1)))
    }
    this.root.dataset.ready = ""
    return false
  }

  // The difference of the groups, and what depends on it alone.
  compare(zDim) {
    const { image, amounts, names } = this.data
    const [plus, minus] = ["plus", "minus"].map((name) => this.mean(this.ids(name), zDim))
    this.difference = plus.map((value, i) => value - minus[i])
    for (const [name, sign] of [["plus", "Mean z of"], ["minus", "minus the mean z of"]]) {
      const ids = this.ids(name).filter((id) => this.images.has(id))
      const { heading, tiles } = this.groups[name]
      heading.textContent = `${sign} ${this.data[name].title}: ${ids.length} images`
      tiles.resize(Math.max(Math.ceil(ids.length / IN_A_ROW), 1), IN_A_ROW, 0)
      tiles.packed.fill(0xff000000)
      ids.forEach((id, i) => tiles.put(i, this.images.get(id).x, 0))
      tiles.show()
      describe(tiles, `${ids.length} images`)
    }
    const order = [...this.difference.keys()].sort(
      (a, b) => Math.abs(this.difference[b]) - Math.abs(this.difference[a]),
    )
    const largest = order.slice(0, MENTIONED).map((i) => {
      return `${dimensionName(i, names)} ${short(this.difference[i])}`
    })
    const none = this.difference.every((value) => value === 0)
    const more = order.length > MENTIONED ? ", …" : ""
    this.said.textContent = none
      ? "No image is chosen, so the difference is 0."
      : `The difference, largest first: ${largest.join(", ")}${more}`
    const rows = new Float32Array(amounts.length * zDim)
    const probs = Float32Array.from({ length: 10 * amounts.length }, (_, k) => image.prob[k % 10])
    amounts.forEach((amount, k) => {
      rows.set(image.z.map((value, i) => value + amount * this.difference[i]), k * zDim)
    })
    this.track.tiles.paint(this.model.decode(rows, probs))
    const own = this.model.decode(Float32Array.from(image.z), Float32Array.from(image.prob))
    this.before.tiles.paint(own)
    describe(this.before.tiles, `Redrawn: ${image.title}`)
  }

  close() {
    super.close()
    for (const unlink of this.unlink) unlink()
  }
}

function group(parent) {
  const root = append(parent, "div", "group")
  const heading = append(root, "h3")
  return { heading, tiles: digitCanvas(root, "", 1, IN_A_ROW, 0) }
}

function picture(parent, text) {
  const figure = append(parent, "figure")
  const tiles = digitCanvas(figure, "large", 1, 1, 0)
  return { tiles, caption: append(figure, "figcaption", "muted", text) }
}

export default component(Arithmetic)
