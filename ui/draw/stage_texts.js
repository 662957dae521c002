// What each stage of the model says about the drawing on the screen: with the present numbers.

import { percent, signed } from "../components/dom.js"
import { argmax, SILENT } from "../engine/maths.js"
import { klOfEach } from "./latents.js"

/** @import { Code } from "./stage_view.js" */

/**
 * What the model sees.
 * @param {Float32Array} x (784,)
 */
export function aboutImage(x) {
  const ink = x.reduce((count, value) => count + Number(value > 0.5), 0)
  return `Size and place no longer matter: what is left are ${ink} white pixels of 784.`
}

/**
 * @param {Float32Array} probability the classifier's, (10,)
 * @param {number} sureAbove
 */
export function aboutDigits(probability, sureAbove) {
  const order = [...probability.keys()].sort((a, b) => probability[b] - probability[a])
  const [first, second] = order.map((digit) => `${digit}: ${percent(probability[digit])}`)
  return `${first}, then ${second}. An answer is sure from ${percent(sureAbove)}, the dashed line.`
}

/** @param {Code} code */
export function aboutLatents({ x, mu, sigma, z, noise }) {
  if (!x) return aboutPrior(z, noise)
  if (noise) {
    const i = argmax(noise.map(Math.abs))
    const sum = `${signed(mu[i])} + ${signed(sigma[i])} · ${signed(noise[i])}`
    return `z${i} = μ + σ · ε = ${sum} = ${signed(z[i])}. Each sample is a way to draw this digit.`
  }
  const i = argmax(mu.map(Math.abs))
  const distance = Math.abs(mu[i]).toFixed(1)
  const unusual = `z${i} is the most unusual: μ is ${distance} from the prior's mean, 0.`
  const nats = klOfEach(mu, sigma)
  const least = argmax(nats.map((kl) => -kl))
  if (nats[least] >= SILENT) return unusual
  return `${unusual} z${least} holds next to nothing of this drawing: ${nats[least].toFixed(2)} nats.`
}

/**
 * As `aboutLatents`, without a drawing.
 * @type {(z: Float32Array, noise: Float32Array | null) => string}
 */
function aboutPrior(z, noise) {
  if (noise) return "z is a sample of the prior: it comes from no drawing."
  return z.every((value) => value === 0) ? "Without a drawing z is 0, the mean of the prior." : ""
}

/**
 * @param {number} more nats that the drawing costs as decoded from the z on the screen than from μ
 * @param {boolean} atMean whether that z is μ
 */
export function aboutRedrawing(more, atMean) {
  if (atMean) {
    return "x̂ is the mean of p(x | z). It is blurry where images whose z lies near here differ."
  }
  return more < 0
    ? `From this z it is ${(-more).toFixed(1)} nats nearer to the drawing than from μ.`
    : `From this z it is ${more.toFixed(1)} nats farther from the drawing than from μ.`
}
