// Step 2: z = μ + σ · ε for one dimension, with μ and σ to drag while ε stays, the way of the
// gradient, and 32 samples of z with what they are decoded to.

import { signed } from "../../components/dom.js"
import { contribute } from "../../components/link.js"
import { make, polyline, set } from "../../components/svg.js"
import { component } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import { imageCost } from "../../engine/loss.js"
import { argmax, normal, sigmoid, total } from "../../engine/maths.js"
import { Tiles } from "../../generate/tiles.js"
import { across, BELL_FLOOR, Bell } from "../bell.js"
import { LatentRows } from "../rows.js"
import { StepView } from "../step_view.js"
import { WayThrough, wayBlocked } from "./gradient_way.js"

const SAMPLES = 32 // The first is the z that the page shows in full.
const NARROW = 700 // Pixels: on a phone 16 images in a row would be too small.
const NUDGE = 0.02 // By which z is moved to either side for the derivative of the cost.

/** @import { Host } from "../../components/view.js" */
/** @import { Followed, PageData } from "../image.js" */

/** @typedef {PageData & {start?: number | null}} SampleData with the dimension to begin with */

/** @extends {StepView<SampleData>} */
class SampleView extends StepView {
  /**
   * A dimension.
   * @type {number}
   */
  chosen

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.rows = new LatentRows(this.part("list"), ["ε", "z"], (i) => this.choose(i))
    this.bell = new Bell(this.part("bell"), "μ, σ and z of the chosen dimension")
    this.ticks = Array.from({ length: SAMPLES }, () => make("line", { class: "tick" }))
    this.center = make("line", { class: "mu-line", y1: BELL_FLOOR - 80, y2: BELL_FLOOR })
    this.way = make("path", { class: "step-line" })
    this.point = make("circle", { class: "z-point", r: 7, cy: BELL_FLOOR })
    this.bell.marks.append(...this.ticks, this.center, this.way, this.point)
    this.through = new WayThrough(this.part("with"))
    wayBlocked(this.part("without"))
    this.mu = new Float32Array()
    this.sigma = new Float32Array()
    this.noise = new Float32Array()
    /** @type {string | null} */
    this.linked = null
    this.tiles = new Tiles(this.part("samples"))
    /** @param {"mu" | "sigma"} name */
    const follow = (name) =>
      this.on(name, "input", ({ target }) => this.move(name, Number(target.value)))
    this.leave = contribute("how_dimension", () => this.linked)
    follow("mu")
    follow("sigma")
    this.on("again", "click", () => this.draw())
    this.on("back", "click", () => this.reset())
  }

  /** @param {Followed<SampleData>} image */
  show(image) {
    paintGray(this.part("x"), image.x)
    this.chosen ??= image.data.start ?? image.mu.length
    if (this.chosen >= image.mu.length) this.chosen = argmax(image.sigma)
    if (this.noise.length !== SAMPLES * image.mu.length) this.noise = noise(image.mu.length)
    this.reset()
  }

  close() {
    super.close()
    this.leave()
  }

  // μ and σ as the encoder has them.
  reset() {
    this.mu = this.image.mu.slice()
    this.sigma = this.image.sigma.slice()
    this.redraw()
  }

  /** @param {number} i a dimension */
  choose(i) {
    this.chosen = i
    this.linked = String(i)
    this.redraw()
  }

  draw() {
    this.noise = noise(this.mu.length)
    this.redraw()
  }

  /**
   * Let μ or σ of the chosen dimension be this.
   * @param {"mu" | "sigma"} name
   * @param {number} value
   */
  move(name, value) {
    this[name][this.chosen] = value
    this.redraw()
  }

  redraw() {
    const { model, prob } = this.image
    const { mu, sigma, chosen } = this
    const width = mu.length
    // The last row is z = μ, the two before are for the derivative.
    const z = new Float32Array((SAMPLES + 3) * width)
    z.set(this.noise.map((epsilon, k) => mu[k % width] + sigma[k % width] * epsilon))
    for (const row of [SAMPLES, SAMPLES + 1]) z.set(z.subarray(0, width), row * width)
    z[SAMPLES * width + chosen] += NUDGE
    z[(SAMPLES + 1) * width + chosen] -= NUDGE
    z.set(this.image.mu, (SAMPLES + 2) * width)
    const logits = model.decodeLogits(z, repeated(prob, SAMPLES + 3))
    /** @param {number} row */
    const cost = (row) => this.cost(logits.subarray(784 * row, 784 * (row + 1)))
    const slope = (cost(SAMPLES) - cost(SAMPLES + 1)) / (2 * NUDGE)
    this.showOne(z, slope)
    const images = logits.subarray(0, 784 * SAMPLES).map(sigmoid)
    paintGray(this.part("decoded"), images)
    this.say("cost", `${cost(0).toFixed(1)} nats`)
    const columns = this.root.clientWidth < NARROW ? SAMPLES / 4 : SAMPLES / 2
    this.tiles.resize(SAMPLES / columns, columns, 2)
    this.tiles.paint(images)
    const mean = total(Array.from({ length: SAMPLES }, (_, row) => cost(row))) / SAMPLES
    const atMean = cost(SAMPLES + 2).toFixed(1)
    this.say(
      "spread",
      `Compared with x they cost ${mean.toFixed(1)} nats on average, z = μ of the encoder ${atMean}. ` +
        "Training compares one sample of z with x each time, and such averages become smaller.",
    )
  }

  /** @param {Float32Array} logits */
  cost(logits) {
    return imageCost(this.image.x, logits, this.image.model.params)
  }

  /**
   * What is shown of the chosen dimension.
   * @param {Float32Array} z
   * @param {number} slope the derivative of the cost by its z
   */
  showOne(z, slope) {
    const { mu, sigma, noise: epsilon, chosen: i } = this
    this.rows.show(
      mu.length,
      i,
      (k) => ({ mu: mu[k], sigma: sigma[k], z: z[k] }),
      (k) => [signed(epsilon[k]), signed(z[k])],
    )
    const name = `z${i}`
    this.say("which", name)
    const numbers = `${signed(mu[i])} + ${sigma[i].toFixed(2)} · ${bracketed(epsilon[i])}`
    this.say("sum", `${name} = ${numbers} = ${signed(z[i])}`)
    this.field("mu").value = String(mu[i])
    this.field("sigma").value = String(sigma[i])
    this.say("mu-value", signed(mu[i]))
    this.say("sigma-value", sigma[i].toFixed(2))
    this.say("epsilon-value", signed(epsilon[i]))
    this.bell.show(mu[i], sigma[i])
    this.ticks.forEach((tick, row) => {
      const x = across(z[row * mu.length + i])
      set(tick, { x1: x, x2: x, y1: BELL_FLOOR - 8, y2: BELL_FLOOR })
    })
    set(this.center, { x1: across(mu[i]), x2: across(mu[i]) })
    const high = BELL_FLOOR - 24
    set(this.way, {
      d: polyline([
        [across(mu[i]), high],
        [across(z[i]), high],
        [across(z[i]), BELL_FLOOR],
      ]),
    })
    set(this.point, { cx: across(z[i]) })
    this.through.show(signed(epsilon[i]), `∂cost/∂z = ${signed(slope, 1)}`)
    const bySigma = `${signed(slope, 1)} · ${bracketed(epsilon[i])} = ${signed(slope * epsilon[i], 1)}`
    this.say(
      "numbers",
      `Here, with ${name}: a small change of z changes the cost by ${signed(slope, 1)} nats per unit; so ` +
        `∂cost/∂μ = ${signed(slope, 1)} · 1 and ∂cost/∂σ = ${bySigma}. ` +
        `μ should become ${slope > 0 ? "smaller" : "larger"}, and ` +
        `σ ${slope * epsilon[i] > 0 ? "smaller" : "larger"}, for this ε. ` +
        "The KL divergence has a part in both derivatives of the loss, too.",
    )
  }
}

/** @param {number} width */
function noise(width) {
  return Float32Array.from({ length: SAMPLES * width }, normal)
}

/**
 * @param {Float32Array} row
 * @param {number} count
 */
function repeated(row, count) {
  return Float32Array.from({ length: row.length * count }, (_, i) => row[i % row.length])
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${signed(value)})` : signed(value)
}

export default component(SampleView)
