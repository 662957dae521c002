// What a pixel costs the decoder, as in vae/model/losses.py.

import { sigmoid } from "../model/maths.js"

// -log p(x | z) of each pixel in nats, (784,), from the decoder's logits: a Gaussian's without its
// constant, or a Bernoulli's.
export function pixelCosts(x, logits, { likelihood, decoder_std: std }) {
  return Float64Array.from(x, (value, i) => {
    const logit = logits[i]
    if (likelihood === "gaussian") {
      return (value - sigmoid(logit)) ** 2 / (2 * std * std)
    }
    return Math.max(logit, 0) - logit * value + Math.log1p(Math.exp(-Math.abs(logit)))
  })
}
