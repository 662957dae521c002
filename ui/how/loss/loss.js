// Step 5: the loss of the image, its parts as a scale, the KL divergence of each dimension, and the
// importance-weighted bounds.

import { set, signed } from "../../components/dom.js"
import { component } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import {
  digitInputs,
  hasIntegral,
  importanceBound,
  normals,
  PlaneIntegral,
  SIDE,
  weigh,
} from "../../engine/loss.js"
import { argmax, klPerDimension, total } from "../../engine/maths.js"
import { Nats, silent } from "../nats.js"
import { StepView } from "../step_view.js"
import { BoundsChart } from "./bounds_chart.js"
import { Scale } from "./scale.js"

const KS = [1, 4, 16, 64]
const MOST = Math.max(...KS)
const SAMPLES = 512
const SLICE = 8 // z that are decoded at once.
const FRAME = 8 // Milliseconds of a frame that are spent on it.
const SEED = 1

/** @import { Host } from "../../components/view.js" */
/** @import { Params } from "../../engine/plan.js" */
/** @import { Followed, PageData } from "../image.js" */

class LossView extends StepView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.scale = new Scale(this.part("scale"), "A scale: reconstruction left, KL divergence right")
    this.nats = new Nats(this.part("bars"))
    this.chart = new BoundsChart(this.part("chart"), KS)
    this.mean = false
    this.frame = 0
    this.digit = 0
    /** @type {ReturnType<typeof digitInputs>} */
    this.digits = { encoder: new Float32Array(), decoder: new Float32Array() }
    this.code = { mu: new Float32Array(), logVar: new Float32Array() }
    this.kl = new Float32Array()
    this.cls = 0
    /** @type {number[]} */
    this.costs = []
    /** @type {number[]} */
    this.weights = []
    this.eps = new Float32Array()
    /** @type {PlaneIntegral | null} */
    this.integral = null
    this.recon = 0
    this.elbo = 0
    /** @type {number[]} */
    this.bounds = []
    for (const name of ["sum", "mean"]) this.on(name, "click", () => this.add(name === "mean"))
  }

  close() {
    super.close()
    cancelAnimationFrame(this.frame)
  }

  /** @param {Followed<PageData>} image */
  show(image) {
    cancelAnimationFrame(this.frame)
    const { model, x, prob, label } = image
    this.digit = label ?? argmax(prob)
    this.digits = digitInputs(model, prob, this.digit)
    this.code = model.encode(x, this.digits.encoder)
    this.kl = klPerDimension(this.code.mu, this.code.logVar)
    this.cls = Math.log(total(image.logits.map((l) => Math.exp(l - image.logits[this.digit]))))
    paintGray(this.part("redrawn"), model.decode(this.code.mu, this.digits.decoder))
    this.costs = []
    this.weights = []
    this.integral = hasIntegral(this.code.logVar)
      ? new PlaneIntegral(model, x, this.digits.decoder)
      : null
    this.eps = normals(SAMPLES * model.zDim, SEED)
    this.sample(MOST)
    this.showDimensions()
    this.refine()
  }

  /**
   * Weigh `count` further z.
   * @param {number} count
   */
  sample(count) {
    const { model, x } = this.image
    const from = this.costs.length * model.zDim
    const eps = this.eps.subarray(from, from + count * model.zDim)
    const { costs, weights } = weigh(model, x, this.code, this.digits.decoder, eps)
    this.costs.push(...costs)
    this.weights.push(...weights)
  }

  // Show the estimates, and make them better in the following frames.
  refine() {
    this.recon = average(this.costs)
    const kl = total(this.kl)
    this.elbo = -this.recon - kl
    const whole = this.weights.length - (this.weights.length % MOST)
    const weights = this.weights.slice(0, whole)
    // L1 is the ELBO, of which the KL part is known exactly: its error is that of the others, too.
    const first = importanceBound(weights, 1)
    this.bounds = KS.map((k) => importanceBound(weights, k) - first + this.elbo)
    const exact = this.integral?.done ? this.integral.value : null
    this.chart.show(this.bounds, exact, likelihood(this.image.model.params))
    this.showGap()
    this.showParts()
    if (this.costs.length >= SAMPLES && (this.integral?.done ?? true)) return
    this.frame = requestAnimationFrame(
      this.host.guard(() => {
        const start = performance.now()
        const late = () => performance.now() - start > FRAME
        while (this.costs.length < SAMPLES && !late()) this.sample(SLICE)
        while (this.integral && !this.integral.done && !late()) this.integral.add(SLICE)
        this.refine()
      }),
    )
  }

  /**
   * Add up, or take means over pixels and dimensions.
   * @param {boolean} mean
   */
  add(mean) {
    this.mean = mean
    this.showParts()
  }

  showParts() {
    const { kl_weight: beta, digit_classification_weight: weight } = this.image.model.params
    const d = this.kl.length
    const [pixels, dimensions] = this.mean ? [784, d] : [1, 1]
    const recon = this.recon / pixels
    const kl = (beta * total(this.kl)) / dimensions
    const digits = this.mean ? 3 : 1
    set(this.part("sum"), { "aria-pressed": !this.mean })
    set(this.part("mean"), { "aria-pressed": this.mean })
    this.scale.show(recon, kl)
    this.say("recon-value", recon.toFixed(digits))
    this.say("kl-value", kl.toFixed(digits))
    this.say("kl-name", beta === 1 ? "KL, β = 1" : `β · KL, β = ${beta}`)
    this.say("recon-how", this.mean ? "a pixel" : `mean of ${this.costs.length} z`)
    this.say("kl-how", this.mean ? "a dimension" : "")
    const sum = this.recon + beta * total(this.kl) + weight * this.cls
    const parts = `${this.recon.toFixed(1)} + ${(beta * total(this.kl)).toFixed(1)}`
    const cls = weight ? ` + ${weight} · ${this.cls.toFixed(2)} (classifier)` : ""
    const told = this.image.label === null ? `; y = ${this.digit} is the classifier's answer` : ""
    const factor = 784 / d
    this.say(
      "total",
      this.mean
        ? `784/d = 784/${d} = ${short(factor)}: the effective β is ${short(beta * factor)}`
        : `loss = ${parts}${cls} = ${sum.toFixed(1)} nats${told}`,
    )
    this.say("about", this.mean ? aboutMeans(recon, kl, factor) : aboutSums(recon, kl))
  }

  showDimensions() {
    this.nats.show(this.kl)
    const most = argmax(this.kl)
    const none = silent(this.kl)
    const bits = (this.kl[most] / Math.LN2).toFixed(1)
    const first = `z${most} costs most for this image: ${this.kl[most].toFixed(1)} nats, ${bits} bits.`
    const dark = none
      ? ` ${none} of ${this.kl.length} cost next to nothing: there q(z | x) is nearly the prior.`
      : ""
    this.say("about-kl", first + dark)
  }

  showGap() {
    const done = this.costs.length
    const gap = this.bounds[KS.length - 1] - this.elbo
    const { params } = this.image.model
    const name = likelihood(params)
    this.say("likelihood", name)
    this.say("about-likelihood", aboutLikelihood(params))
    // All of them are lower bounds: that they are equal does not show how far above them it is.
    if (this.integral?.done) {
      const above = (this.integral.value - this.elbo).toFixed(1)
      const text = `${name} itself, a sum over a grid of ${(SIDE * SIDE).toLocaleString("en")} z, is ${above} nats above the ELBO.`
      this.say("about-gap", text)
      return
    }
    const found =
      gap < 0.5
        ? `${MOST} z do not raise the bound by more than ${Math.max(gap, 0.1).toFixed(1)} nats. ${name} lies above all bounds; how far is not known.`
        : `By this estimate, ${name} is at least ${gap.toFixed(1)} nats above the ELBO: the Gaussian q is not the true posterior of z.`
    const left = done < SAMPLES ? ` ${done} of ${SAMPLES} z decoded …` : ` From ${SAMPLES} z.`
    this.say("about-gap", found + left)
  }
}

/**
 * The log-likelihood of which the ELBO is a bound.
 * @param {Params} params
 */
function likelihood({ decoder_sees: sees }) {
  if (sees === "nothing") return "log p(x)"
  return sees === "predicted" ? "log p(x | π)" : "log p(x | y)"
}

/**
 * What these bounds are not.
 * @param {Params} params
 */
function aboutLikelihood({ likelihood: kind, decoder_sees: sees, decoder_std: std }) {
  const constant = -(784 / 2) * Math.log(2 * Math.PI * std * std)
  const left =
    kind === "gaussian"
      ? `All leave out the Gaussian's constant, −392 · log(2π · ${std}²) = ${signed(constant, 1)} nats.`
      : "Gray pixels are taken as probabilities of white, for which the Bernoulli is no density."
  if (sees !== "predicted") return left
  return `π are the classifier's probabilities: they tell the decoder about x at no cost. ${left}`
}

/**
 * @param {number} recon
 * @param {number} kl
 */
function aboutSums(recon, kl) {
  if (kl < 0.05) return "The KL divergence is 0: for this image q(z | x) is the prior."
  const ratio = recon / kl
  /** @param {number} value */
  const times = (value) => (value < 1.95 ? value.toFixed(1) : value.toFixed(0))
  return ratio >= 1
    ? `The reconstruction is ${times(ratio)} times the KL divergence: the error of x̂ costs more than z.`
    : `The KL divergence is ${times(1 / ratio)} times the reconstruction: z costs more than the error of x̂.`
}

/**
 * @param {number} recon
 * @param {number} kl
 * @param {number} factor
 */
function aboutMeans(recon, kl, factor) {
  const heavier = recon >= kl ? "the reconstruction" : "the KL divergence"
  return `Means make the KL divergence ${short(factor)} times as heavy. Now ${heavier} is the larger part. Trained so, a model has the effective β and z tends to collapse.`
}

/** @param {number} value */
function short(value) {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(1)))
}

/** @param {number[]} values */
function average(values) {
  return total(values) / values.length
}

export default component(LossView)
