// The mean z of some images minus the mean z of others, added to the z of one image.
//
// Trigger: picked {plus: ids, minus: ids}.

import { signed } from "../components/dom.js"
import { contribute } from "../components/link.js"
import { decoded, decodedGrays } from "../components/numbers.js"
import { append, component } from "../components/view.js"
import { forEachDigit, labels } from "../generate/samples.js"
import { describe, digitCanvas, dimensionName, LiveView, short } from "./live_view.js"
import { Picker } from "./picker.js"
import { Track } from "./track.js"

/** @import { Host } from "../components/view.js" */
/** @import { Names, Place } from "./live_view.js" */
/** @import { Image, Sign } from "./picker.js" */

/**
 * @typedef {object} ArithmeticData
 * @property {string} model its id
 * @property {Names} names
 * @property {Place} image that the difference is added to
 * @property {number[]} ids of the test images that are needed; of these, in the same order,
 * @property {number[]} labels
 * @property {string} x 784 bytes each as base64
 * @property {string} z (ids · zDim,) float32 as base64
 * @property {Group} plus
 * @property {Group} minus
 * @property {boolean} own whether a visitor chooses the groups
 * @property {number[]} pool ids to choose from
 * @property {number[]} amounts of the strip, ascending, evenly far apart
 * @property {number} amount the one to begin with
 */

/** @typedef {{ids: number[], title: string}} Group of test images */

const IN_A_ROW = 15 // Images of a group.
const MENTIONED = 4 // Dimensions of the difference that are named.
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
/** @type {Sign[]} */
const SIGNS = ["plus", "minus"]
const MEANS = { plus: "Mean z of", minus: "minus the mean z of" }

/** @extends {LiveView<ArithmeticData>} */
class Arithmetic extends LiveView {
  /** @type {Track} */
  track

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    const groups = append(this.root, "div", "groups")
    this.groups = { plus: group(groups), minus: group(groups) }
    this.said = append(groups, "p", "said")
    this.said.setAttribute("aria-live", "polite")
    this.picker = new Picker(groups, host, () => this.picked())
    this.begun = false // Whether the visitor's own groups are those of the picker.
    const result = append(this.root, "div", "result")
    this.scale = append(result, "div", "marks muted")
    this.place = append(result, "div")
    const pair = append(result, "div", "pair")
    this.before = picture(pair, "Decoded from its own z")
    this.after = picture(pair, "")
    this.all = append(result, "div", "all")
    append(this.all, "h3", "", "The new z as each digit")
    this.digits = digitCanvas(this.all, "", 1, DIGITS.length)
    describe(this.digits, "The digits 0 to 9 in the new style")
    this.amount = 1
    /** @type {Map<number, Image>} by their numbers */
    this.images = new Map()
    this.imagesOf = "" // The model that their z is of.
    /** @type {Float64Array | null} (zDim,), null: it is not computed yet */
    this.difference = null
    this.unlink = [
      contribute("amount", () => (this.amount === 1 ? null : String(this.amount))),
      ...SIGNS.map((sign) =>
        contribute(sign, () => (this.data.own && this.picker.ids(sign).join()) || null),
      ),
    ]
  }

  /** @param {ArithmeticData} data */
  update(data) {
    this.data = data
    this.difference = null
    this.takeImages()
    if (!this.track) this.begin()
    if (data.own && !this.begun) {
      this.begun = true
      for (const sign of SIGNS) {
        for (const id of data[sign].ids) this.picker.states.set(id, sign)
      }
    }
    this.picker.root.hidden = !data.own
    this.picker.show(data.own ? data.pool : [], this.images)
    this.drawWith(data.model)
  }

  // The amounts are always the same.
  begin() {
    const { amounts, amount } = this.data
    const [low, high] = this.ends
    this.amount = amount
    for (const marked of amounts) append(this.scale, "span", "", short(marked))
    this.track = new Track(this.place, amounts.length, this.host, (share) => {
      this.amount = Math.round(20 * (low + share * (high - low))) / 20
      this.drawSoon()
    })
  }

  get ends() {
    const { amounts } = this.data
    return [amounts[0], amounts[amounts.length - 1]]
  }

  // Images that came before are kept: one that was picked need not be in the pool any more.
  takeImages() {
    const { ids, labels: digits, x, z, image, model } = this.data
    const pixels = decodedGrays(x)
    const latents = decoded(z)
    const zDim = image.z.length
    if (this.imagesOf !== model) this.images.clear()
    this.imagesOf = model
    ids.forEach((id, i) => {
      const own = latents.subarray(zDim * i, zDim * (i + 1))
      this.images.set(id, { x: pixels.subarray(784 * i, 784 * (i + 1)), z: own, label: digits[i] })
    })
  }

  picked() {
    this.difference = null
    this.drawSoon()
    this.host.trigger("picked", { plus: this.picker.ids("plus"), minus: this.picker.ids("minus") })
  }

  /**
   * The images of a group. One that was picked and that this model's z is not here of is left out.
   * @param {Sign} sign
   */
  imagesIn(sign) {
    const ids = this.data.own ? this.picker.ids(sign) : this.data[sign].ids
    return ids.flatMap((id) => this.images.get(id) ?? [])
  }

  draw() {
    const { image } = this.data
    if (image.z.length !== this.model.zDim) return false
    this.difference ??= this.compare()
    const z = moved(image.z, this.difference, this.amount)
    this.after.tiles.paint(this.model.decode(z, Float32Array.from(image.prob)))
    const amount = signed(this.amount)
    const plus = this.amount < 0 ? "" : "+"
    this.after.caption.textContent = `The same z ${plus}${amount} × the difference`
    describe(this.after.tiles, `The image with ${amount} of the difference`)
    const [low, high] = this.ends
    this.track.show((this.amount - low) / (high - low), amount)
    this.track.describe("Amount", low, high, this.amount)
    this.all.hidden = !this.model.labelled
    if (this.model.labelled) {
      this.digits.paint(this.model.decode(forEachDigit(z, DIGITS.length), labels(DIGITS, 1)))
    }
    this.root.dataset.ready = ""
    return false
  }

  // The difference of the groups; shows what depends on it alone.
  compare() {
    const { image, amounts } = this.data
    const { zDim } = this.model
    const [plus, minus] = SIGNS.map((sign) => mean(this.imagesIn(sign), zDim))
    const difference = plus.map((value, i) => value - minus[i])
    for (const sign of SIGNS) this.showGroup(sign)
    this.said.textContent = this.sentence(difference)
    const rows = new Float32Array(amounts.length * zDim)
    for (const [k, amount] of amounts.entries()) {
      rows.set(moved(image.z, difference, amount), k * zDim)
    }
    const probs = Float32Array.from({ length: 10 * amounts.length }, (_, k) => image.prob[k % 10])
    this.track.tiles.paint(this.model.decode(rows, probs))
    const own = this.model.decode(Float32Array.from(image.z), Float32Array.from(image.prob))
    this.before.tiles.paint(own)
    describe(this.before.tiles, `Redrawn: ${image.title}`)
    return difference
  }

  /** @param {Sign} sign */
  showGroup(sign) {
    const images = this.imagesIn(sign)
    const { heading, tiles } = this.groups[sign]
    heading.textContent = `${MEANS[sign]} ${this.data[sign].title}: ${images.length} images`
    tiles.resize(Math.max(Math.ceil(images.length / IN_A_ROW), 1), IN_A_ROW, 0)
    tiles.packed.fill(0xff000000)
    for (const [i, { x }] of images.entries()) tiles.put(i, x, 0)
    tiles.show()
    describe(tiles, `${images.length} images`)
  }

  /** @param {Float64Array} difference */
  sentence(difference) {
    if (difference.every((value) => value === 0)) {
      return "No image is chosen, so the difference is 0."
    }
    const order = [...difference.keys()].sort(
      (a, b) => Math.abs(difference[b]) - Math.abs(difference[a]),
    )
    const largest = order.slice(0, MENTIONED).map((i) => {
      return `${dimensionName(i, this.data.names)} ${short(difference[i])}`
    })
    const more = order.length > MENTIONED ? ", …" : ""
    return `The difference, largest first: ${largest.join(", ")}${more}`
  }

  close() {
    super.close()
    for (const unlink of this.unlink) unlink()
  }
}

/**
 * z with some of the difference.
 * @param {number[]} z
 * @param {Float64Array} difference
 * @param {number} amount
 */
function moved(z, difference, amount) {
  return Float32Array.from(z, (value, i) => value + amount * difference[i])
}

/**
 * @param {Image[]} images
 * @param {number} zDim
 */
function mean(images, zDim) {
  const sums = new Float64Array(zDim)
  for (const { z } of images) {
    for (let i = 0; i < zDim; i++) sums[i] += z[i]
  }
  return sums.map((sum) => sum / Math.max(images.length, 1))
}

/** @param {Element} parent */
function group(parent) {
  const root = append(parent, "div", "group")
  const heading = append(root, "h3")
  return { heading, tiles: digitCanvas(root, "", 1, IN_A_ROW) }
}

/**
 * @param {Element} parent
 * @param {string} text
 */
function picture(parent, text) {
  const figure = append(parent, "figure")
  const tiles = digitCanvas(figure, "large", 1, 1)
  return { tiles, caption: append(figure, "figcaption", "muted", text) }
}

export default component(Arithmetic)
