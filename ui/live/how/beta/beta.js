// Step 8: what models trained with different β make of the image. All of it comes from Python, so
// that the slider changes it at once.
//
// `data`: {x, title, digit, known, start, betas}: start is the β to begin with; each of `betas` has
// beta; kl (zDim,) and recon of this image; redrawn, shuffled and samples, bytes of images as
// base64; test_recon, test_kl and active on the test set.

import { paintGray } from "../../draw/gray.js"
import { decoded, decodedGrays } from "../../numbers.js"
import { Tiles } from "../../generate/tiles.js"
import { contribute } from "../../link.js"
import { append, component } from "../../view.js"
import { Nats } from "../nats.js"
import { TradeOff } from "./trade_off.js"

class BetaView {
  constructor(root, host) {
    this.root = root.querySelector(".how")
    this.host = host
    this.nats = new Nats(this.part("bars"))
    this.trade = new TradeOff(this.part("chart"))
    this.tiles = new Tiles(this.part("drawn"))
    this.other = 0
    this.leave = contribute("how_beta", () => String(this.models?.[this.current].beta ?? 1))
    this.part("knob").addEventListener("input", host.guard(({ target }) => this.turn(Number(target.value))))
    this.part("shuffle").addEventListener("click", host.guard(() => this.shuffle()))
  }

  part(name) {
    return this.root.querySelector(`.${name}`)
  }

  close() {
    this.leave()
  }

  expect(data) {
    if (JSON.stringify(data) === this.newest) return
    this.newest = JSON.stringify(data)
    this.data = data
    this.models = data.betas.map((row) => ({
      ...row,
      redrawn: decodedGrays(row.redrawn),
      shuffled: decodedGrays(row.shuffled),
      samples: decodedGrays(row.samples),
    }))
    this.longest = Math.max(...this.models.flatMap(({ kl }) => kl), 0.5)
    paintGray(this.part("x"), decoded(data.x))
    this.part("x").setAttribute("aria-label", data.title)
    this.trade.draw(this.models)
    this.part("knob").max = this.models.length - 1
    this.part("ticks").replaceChildren()
    this.ticks = this.models.map(({ beta }) => append(this.part("ticks"), "span", "", String(beta)))
    this.current ??= this.models.findIndex(({ beta }) => beta === data.start)
    this.current = Math.min(this.current, this.models.length - 1)
    this.turn(this.current)
    this.root.dataset.ready = ""
  }

  // Show the model with that index.
  turn(current) {
    this.current = current
    const model = this.models[current]
    this.part("knob").value = current
    this.part("knob").setAttribute("aria-valuetext", `β = ${model.beta}`)
    this.part("value").textContent = model.beta
    this.ticks.forEach((tick, i) => tick.classList.toggle("now", i === current))
    paintGray(this.part("redrawn"), model.redrawn)
    this.tiles.resize(2, 5, 2)
    this.tiles.paint(model.samples)
    this.nats.show(model.kl, this.longest)
    this.trade.mark(current)
    this.part("about").textContent = summary(model, this.data)
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
    const change = image.reduce((sum, value, i) => sum + Math.abs(value - redrawn[i]), 0) / 784
    this.part("about-shuffle").textContent =
      change < 0.004
        ? "Another z changes nothing: the decoder makes no use of it."
        : `With another image's z a pixel changes by ${(100 * change).toFixed(1)} % on average.`
  }
}

function summary({ beta, kl, recon, active }, { digit, known }) {
  const sum = kl.reduce((a, b) => a + b)
  const numbers = `β = ${beta}: recon ${recon.toFixed(1)}, KL ${Math.max(0, sum).toFixed(1)} nats for this image; ${active} of ${kl.length} dimensions in use on the test set.`
  const told = known ? "" : ` The drawing has no label: ${digit}, the classifier's answer, is used.`
  return `${numbers} ${meaning(active, kl.length, beta)}${told}`
}

function meaning(active, all, beta) {
  if (active === 0) return "Collapsed: the decoder gets nothing but the digit and draws its average."
  if (active < all) return `${all - active} went out of use: their nats, β times, cost more than they lower the reconstruction.`
  if (beta < 1) return "z holds so much that its Gaussians are narrow and far apart; a z from the prior falls between them."
  return "Together the z of all images fill the prior, so most samples of it look like digits."
}

export default component(BetaView)
