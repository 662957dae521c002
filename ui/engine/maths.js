// The few formulas that the components share.

/** @typedef {number[] | Float32Array | Float64Array} Numbers */

/**
 * Probabilities (10,) from logits (10,): softmax(logits / temperature).
 * @param {Numbers} logits
 */
export function softmax(logits, temperature = 1) {
  const highest = Math.max(...logits)
  const weights = Array.from(logits, (l) => Math.exp((l - highest) / temperature))
  const sum = total(weights)
  return Float32Array.from(weights, (w) => w / sum)
}

/** @param {number} logit */
export function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit))
}

/** @param {Numbers} values */
export function total(values) {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** @param {Numbers} values */
export function argmax(values) {
  return values.indexOf(Math.max(...values))
}

/**
 * A digit as probabilities (10,): 1 for itself, 0 for the others.
 * @param {number} digit
 */
export function oneHot(digit) {
  const row = new Float32Array(10)
  row[digit] = 1
  return row
}

/** A number from N(0, 1): Box & Muller 1958. */
export function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

/** Nats: a dimension with fewer costs next to nothing. */
export const SILENT = 0.05

/**
 * The KL divergence of N(mu, exp(log_var)) from N(0, 1) of each dimension, nats: Kingma & Welling
 * 2014, appendix B.
 * @type {(mu: Numbers, logVar: Numbers) => Float32Array<ArrayBuffer>}
 */
export function klPerDimension(mu, logVar) {
  return Float32Array.from(mu, (m, i) => -0.5 * (1 + logVar[i] - m * m - Math.exp(logVar[i])))
}
