// The few formulas that the components share.

// Probabilities (10,) from logits (10,): softmax(logits / temperature).
export function softmax(logits, temperature = 1) {
  const highest = Math.max(...logits)
  const weights = Array.from(logits, (l) => Math.exp((l - highest) / temperature))
  const sum = weights.reduce((a, b) => a + b)
  return Float32Array.from(weights, (w) => w / sum)
}

export function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit))
}

export function total(values) {
  return values.reduce((sum, value) => sum + value, 0)
}

export function indexOfMost(values) {
  return values.indexOf(Math.max(...values))
}

// A digit as probabilities (10,): 1 for itself, 0 for the others.
export function oneHot(digit) {
  const row = new Float32Array(10)
  row[digit] = 1
  return row
}

// A number from N(0, 1): Box & Muller 1958.
export function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

// The KL divergence of N(mu, exp(log_var)) from N(0, 1) of each dimension, nats: Kingma & Welling
// 2014, appendix B.
export function klPerDimension(mu, logVar) {
  return Float32Array.from(mu, (m, i) => -0.5 * (1 + logVar[i] - m * m - Math.exp(logVar[i])))
}
