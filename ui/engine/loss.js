// The terms of the loss and the bounds of log p(x | y), as in vae/analysis/bounds.py: in nats, without
// constants that depend neither on z nor on y.

import { klPerDimension, oneHot, sigmoid, softmax, total } from "./maths.js"

/** @import { Model } from "./engine.js" */
/** @import { Numbers } from "./maths.js" */
/** @import { Params } from "./plan.js" */

/** @typedef {Pick<Params, "likelihood" | "decoder_std">} PixelDistribution */

const PIXELS = 784
const DIGITS = 10

/**
 * -log p(x | z) of one pixel in nats, from the decoder's logit: a Gaussian's without its constant,
 * or a Bernoulli's, as in vae/model/losses.py.
 * @type {(value: number, logit: number, params: PixelDistribution) => number}
 */
function pixelCost(value, logit, { likelihood, decoder_std: std }) {
  if (likelihood === "gaussian") return (value - sigmoid(logit)) ** 2 / (2 * std * std)
  return Math.max(logit, 0) - logit * value + Math.log1p(Math.exp(-Math.abs(logit)))
}

/**
 * The cost of each pixel of an image, (784,); its logits begin at `start`.
 * @param {Numbers} x
 * @param {Numbers} logits
 * @param {PixelDistribution} params
 */
export function pixelCosts(x, logits, params, start = 0) {
  return Float64Array.from(x, (value, i) => pixelCost(value, logits[start + i], params))
}

/**
 * The cost of an image: the sum over its pixels.
 * @type {(x: Numbers, logits: Numbers, params: PixelDistribution, start?: number) => number}
 */
export function imageCost(x, logits, params, start = 0) {
  let sum = 0
  for (let i = 0; i < PIXELS; i++) sum += pixelCost(x[i], logits[start + i], params)
  return sum
}

/**
 * What encoder and decoder got in training for an image of that digit, (10,) each: `digit_inputs` in
 * bounds.py. `prob` is the classifier's.
 * @param {Model} model
 * @param {Float32Array} prob
 * @param {number} digit
 */
export function digitInputs(model, prob, digit) {
  const label = oneHot(digit)
  return { encoder: label, decoder: model.params.decoder_sees === "predicted" ? prob : label }
}

/**
 * -log p(x | z) and log p(x, z | y) - log q(z | x, y) of each z = mu + sigma · eps, for one image:
 * → {costs, weights}, each as long as eps (n · zDim,) has rows. `digitProb` is the decoder's.
 * @param {Model} model
 * @param {Numbers} x
 * @param {{mu: Float32Array, logVar: Float32Array}} code
 * @param {Float32Array} digitProb
 * @param {Float32Array} eps
 */
export function weigh(model, x, { mu, logVar }, digitProb, eps) {
  const n = eps.length / model.zDim
  const z = new Float32Array(eps.length)
  const digits = new Float32Array(n * DIGITS)
  const ratios = new Float64Array(n)
  for (let row = 0, at = 0; row < n; row++) {
    digits.set(digitProb, row * DIGITS)
    for (let i = 0; i < model.zDim; i++, at++) {
      z[at] = mu[i] + Math.exp(0.5 * logVar[i]) * eps[at]
      ratios[row] += 0.5 * (eps[at] ** 2 - z[at] ** 2 + logVar[i])
    }
  }
  const logits = model.decodeLogits(z, digits)
  const costs = ratios.map((_, row) => imageCost(x, logits, model.params, row * PIXELS))
  return { costs, weights: ratios.map((ratio, row) => ratio - costs[row]) }
}

/**
 * The importance-weighted bound for K, estimated from log weights: `importance_bound`.
 * @type {(weights: number[], k: number) => number}
 */
export function importanceBound(weights, k) {
  let sum = 0
  for (let start = 0; start < weights.length; start += k) {
    const group = weights.slice(start, start + k)
    const highest = Math.max(...group)
    const mean = total(group.map((weight) => Math.exp(weight - highest))) / k
    sum += highest + Math.log(mean)
  }
  return (sum * k) / weights.length
}

const REACH = 4 // A grid goes from -4 to 4, beyond which the prior has next to nothing.
const SPACING = 0.1
/** Points of a grid in each direction. */
export const SIDE = Math.round((2 * REACH) / SPACING) + 1

/**
 * Whether `PlaneIntegral` is log p(x | y) to a few hundredths of a nat: z has two dimensions and q is
 * not narrower than half a step of the grid.
 * @param {Numbers} logVar of q
 */
export function hasIntegral(logVar) {
  return logVar.length === 2 && Math.exp(0.5 * Math.min(...logVar)) > SPACING / 2
}

/** log ∫ p(x | z, y) p(z) dz over a plane of z, as a sum over a grid: `integral` in bounds.py. */
export class PlaneIntegral {
  /**
   * @param {Model} model
   * @param {Numbers} x
   * @param {Float32Array} digitProb the decoder's
   */
  constructor(model, x, digitProb) {
    this.model = model
    this.x = x
    this.digitProb = digitProb
    this.added = 0
    this.highest = -Infinity
    this.sum = 0
  }

  get done() {
    return this.added === SIDE * SIDE
  }

  /**
   * Add the next points of the grid.
   * @param {number} most
   */
  add(most) {
    const n = Math.min(most, SIDE * SIDE - this.added)
    const z = new Float32Array(2 * n)
    const digits = new Float32Array(DIGITS * n)
    for (let row = 0; row < n; row++) {
      const at = this.added + row
      z[2 * row] = SPACING * (at % SIDE) - REACH
      z[2 * row + 1] = SPACING * Math.floor(at / SIDE) - REACH
      digits.set(this.digitProb, DIGITS * row)
    }
    const logits = this.model.decodeLogits(z, digits)
    for (let row = 0; row < n; row++) {
      const [a, b] = z.subarray(2 * row)
      const cost = imageCost(this.x, logits, this.model.params, PIXELS * row)
      this.weigh(-cost - 0.5 * (a * a + b * b))
    }
    this.added += n
  }

  /** @param {number} weight log p(x, z | y), but for the prior's constant */
  weigh(weight) {
    if (weight > this.highest) {
      this.sum *= Math.exp(this.highest - weight)
      this.highest = weight
    }
    this.sum += Math.exp(weight - this.highest)
  }

  /** In nats, once `done`. */
  get value() {
    return this.highest + Math.log(this.sum) + Math.log((SPACING * SPACING) / (2 * Math.PI))
  }
}

/**
 * The ELBO of an image for each digit, (10,), and its reconstructions from z = mu, (7840,):
 * `digit_elbos`. All digits have the same eps (n · zDim,).
 * @param {Model} model
 * @param {Float32Array} x
 * @param {Float32Array} eps
 */
export function digitElbos(model, x, eps) {
  const n = eps.length / model.zDim
  const elbos = new Float64Array(DIGITS)
  const means = new Float32Array(DIGITS * model.zDim)
  const labels = new Float32Array(DIGITS * DIGITS)
  for (let digit = 0; digit < DIGITS; digit++) {
    const label = oneHot(digit)
    const code = model.encode(x, label)
    const { costs } = weigh(model, x, code, label, eps)
    const kl = total(klPerDimension(code.mu, code.logVar))
    elbos[digit] = -total(costs) / n - kl
    means.set(code.mu, digit * model.zDim)
    labels.set(label, digit * DIGITS)
  }
  return { elbos, images: model.decode(means, labels) }
}

/**
 * p(y | x) from the ELBOs and log p(y), each (10,): `digit_posterior`.
 * @type {(elbos: Float64Array, logPrior: Numbers) => Float32Array<ArrayBuffer>}
 */
export function digitPosterior(elbos, logPrior) {
  return softmax(elbos.map((elbo, digit) => elbo + logPrior[digit]))
}

/**
 * Numbers from N(0, 1), always the same for a seed: those of mulberry32, by Box & Muller 1958.
 * @type {(count: number, seed: number) => Float32Array<ArrayBuffer>}
 */
export function normals(count, seed) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    return radius * Math.cos(2 * Math.PI * uniform())
  })
}
