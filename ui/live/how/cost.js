// What a pixel costs the decoder, as in vae/model/losses.py.

// -log p(x | z) of each pixel in nats, (784,), from the decoder's logits: a Gaussian's without its
// constant, or a Bernoulli's.
export function pixelCosts(x, logits, { likelihood, decoder_std: std }) {
  return Float64Array.from(x, (value, i) => {
    const logit = logits[i]
    if (likelihood === "gaussian") {
      return (value - 1 / (1 + Math.exp(-logit))) ** 2 / (2 * std * std)
    }
    return Math.max(logit, 0) - logit * value + Math.log1p(Math.exp(-Math.abs(logit)))
  })
}

export function total(values) {
  return values.reduce((sum, value) => sum + value, 0)
}
