// Step 8: what models trained with different β make of the image. All of it comes from Python, so
// that the slider changes it at once.

import { contribute } from "../../components/link.js"
import { decoded, decodedGrays } from "../../components/numbers.js"
import { append, component, View } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import { total } from "../../engine/maths.js"
import { Tiles } from "../../generate/tiles.js"
import { Nats } from "../nats.js"
import { Aggregate } from "./aggregate.js"
import { TradeOff } from "./trade_off.js"

/** @import { Host } from "../../components/view.js" */
/** @import { OnTestSet } from "./trade_off.js" */

/**
 * What a model makes of the image; images are bytes as base64.
 * @typedef {object} OfImage
 * @property {number[]} kl (zDim,) in nats
 * @property {number} recon nats
 * @property {number} active dimensions in use on the test set
 * @property {string} redrawn
 * @property {string} shuffled
 * @property {string} samples
 * @property {number | null} information a part of the KL divergence on the test set, nats
 * @property {number[]} dimensions the two of z that are shown
 * @property {string} aggregate z of test images in these
 */

/**
 * @typedef {object} BetaData
 * @property {string} x the image as base64
 * @property {string} title what it is
 * @property {number} digit its label, or the classifier's answer
 * @property {boolean} known whether it has a label
 * @property {number} start the β to begin with
 * @property {(OfImage & OnTestSet)[]} betas a model for each
 */

/** @extends {View<BetaData>} */
class BetaView extends View {
  /** @type {BetaData} */
  data

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(/** @type {HTMLElement} */ (root.querySelector(".how")), host)
    this.newest = ""
    this.current = -1
    this.longest = 0
    /** @type {ReturnType<typeof withImages>[]} */
    this.models = []
    /** @type {HTMLElement[]} */
    this.ticks = []
    this.nats = new Nats(this.part("bars"))
    this.trade = new TradeOff(this.part("chart"))
    this.where = new Aggregate(this.part("aggregate"))
    this.tiles = new Tiles(this.part("drawn"))
    this.other = 0
    this.leave = contribute("how_beta", () => String(this.models[this.current]?.beta ?? 1))
    this.part("knob").addEventListener(
      "input",
      host.guard(({ target }) => this.turn(Number(target.value))),
    )
    this.part("shuffle").addEventListener(
      "click",
      host.guard(() => this.shuffle()),
    )
  }

  close() {
    this.leave()
  }

  /** @param {BetaData} data */
  update(data) {
    if (JSON.stringify(data) === this.newest) return
    this.newest = JSON.stringify(data)
    this.data = data
    this.models = data.betas.map(withImages)
    // Those of an autoencoder would leave no room for the others.
    const bound = this.models.filter(({ beta }) => beta > 0)
    this.longest = Math.max(...bound.flatMap(({ kl }) => kl), 0.5)
    paintGray(this.part("x"), decoded(data.x))
    this.part("x").setAttribute("aria-label", data.title)
    this.trade.draw(this.models)
    this.field("knob").max = String(this.models.length - 1)
    this.part("ticks").replaceChildren()
    this.ticks = this.models.map(({ beta }) => append(this.part("ticks"), "span", "", String(beta)))
    if (this.current < 0) this.current = this.models.findIndex(({ beta }) => beta === data.start)
    this.current = Math.min(this.current, this.models.length - 1)
    this.turn(this.current)
    this.root.dataset.ready = ""
  }

  /**
   * Show the model with that index.
   * @param {number} current
   */
  turn(current) {
    this.current = current
    const model = this.models[current]
    this.field("knob").value = String(current)
    this.part("knob").setAttribute("aria-valuetext", `β = ${model.beta}`)
    this.say("value", model.beta)
    for (const [i, tick] of this.ticks.entries()) tick.classList.toggle("now", i === current)
    paintGray(this.part("redrawn"), model.redrawn)
    this.tiles.resize(2, 5, 2)
    this.tiles.paint(model.samples)
    this.nats.show(model.kl, this.longest)
    this.where.show(model.aggregate)
    this.say("first", model.dimensions[0])
    this.say("second", model.dimensions[1])
    this.say("parts", parts(model))
    this.trade.mark(current)
    this.say("about", summary(model, this.data))
    this.showShuffled()
  }

  shuffle() {
    this.other += 1
    this.showShuffled()
  }

  showShuffled() {
    const { redrawn, shuffled } = this.models[this.current]
    const start = 784 * (this.other % (shuffled.length / 784))
    const image = shuffled.subarray(start, start + 784)
    paintGray(this.part("shuffled"), image)
    const change = total(image.map((value, i) => Math.abs(value - redrawn[i]))) / 784
    this.part("about-shuffle").textContent =
      change < 0.004
        ? "Another z changes nothing: the decoder makes no use of it."
        : `With another image's z a pixel changes by ${(100 * change).toFixed(1)} % on average.`
  }
}

/** @param {OfImage & OnTestSet} row */
function withImages(row) {
  return {
    ...row,
    redrawn: decodedGrays(row.redrawn),
    shuffled: decodedGrays(row.shuffled),
    samples: decodedGrays(row.samples),
    aggregate: decoded(row.aggregate),
  }
}

/**
 * @param {ReturnType<typeof withImages>} model
 * @param {BetaData} data
 */
function summary({ beta, kl, recon, active }, { digit, known }) {
  const numbers = `β = ${beta}: recon ${recon.toFixed(1)}, KL ${Math.max(0, total(kl)).toFixed(1)} nats for this image; ${active} of ${kl.length} dimensions in use on the test set.`
  const told = known ? "" : ` The drawing has no label: ${digit}, the classifier's answer, is used.`
  return `${numbers} ${meaning(active, kl.length, beta)}${told}`
}

/**
 * Of what the KL divergence on the test set consists: Hoffman & Johnson 2016.
 * @param {ReturnType<typeof withImages>} model
 */
function parts({ information, test_kl: kl }) {
  if (information === null) return ""
  const told = Math.min(information, kl)
  return `Of ${kl.toFixed(1)} nats of KL at least ${told.toFixed(1)} are information about the image; the rest is mismatch with the prior.`
}

/**
 * @param {number} active
 * @param {number} all
 * @param {number} beta
 */
function meaning(active, all, beta) {
  if (active === 0)
    return "Collapsed: the decoder gets nothing but the digit and draws its average."
  if (active < all)
    return `${all - active} went out of use: their nats, β times, cost more than they lower the reconstruction.`
  if (beta === 0)
    return "An autoencoder: its z lie far from the prior, each nearly a point, so a z from the prior is unlike them."
  if (beta < 1)
    return "z holds so much that its Gaussians are narrow and far apart; a z from the prior falls between them."
  return "Together the z of all images fill the prior, so most samples of it look like digits."
}

export default component(BetaView)
