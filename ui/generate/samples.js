// The z of each digit of a picture, as `images` in ui/generate/choices.py has them.

const CLASSES = 10

/**
 * z + spread · eps for each place of a picture, line by line: → (lines · columns · zDim,). `eps` is
 * for one column after another, so that a further one leaves the others as they are.
 * @param {Float32Array} z (zDim,)
 * @param {number} lines
 * @param {number} columns
 * @param {number} spread
 * @param {Float32Array} eps
 */
export function sampleAround(z, lines, columns, spread, eps) {
  const rows = new Float32Array(lines * columns * z.length)
  for (let i = 0; i < rows.length; i++) {
    const place = Math.floor(i / z.length)
    const sample = (place % columns) * lines + Math.floor(place / columns)
    const k = i % z.length
    rows[i] = z[k] + spread * eps[sample * z.length + k]
  }
  return rows
}

/**
 * Each of some rows of z `count` times, with one dimension going from -reach to reach; a single copy
 * has 0 there.
 * @param {Float32Array} rows
 * @param {number} zDim
 * @param {number} count
 * @param {number} dimension
 * @param {number} reach
 */
export function traverse(rows, zDim, count, dimension, reach) {
  const values = sweep(count, reach)
  const all = new Float32Array(rows.length * count)
  for (let i = 0; i < rows.length / zDim; i++) {
    const z = rows.slice(i * zDim, (i + 1) * zDim)
    for (const [k, value] of values.entries()) {
      z[dimension] = value
      all.set(z, (i * count + k) * zDim)
    }
  }
  return all
}

/**
 * The values of a swept dimension from column to column.
 * @type {(count: number, reach: number) => number[]}
 */
export function sweep(count, reach) {
  if (count === 1) return [0]
  return Array.from({ length: count }, (_, i) => -reach + (2 * reach * i) / (count - 1))
}

/**
 * The same rows of z for each digit: → (digits · rows · zDim,).
 * @type {(rows: Float32Array, digits: number) => Float32Array}
 */
export function forEachDigit(rows, digits) {
  const all = new Float32Array(digits * rows.length)
  for (let i = 0; i < digits; i++) all.set(rows, i * rows.length)
  return all
}

/**
 * Gaussians of digits: means (digits · zDim,) and roots of covariances (digits · zDim · zDim,).
 * @typedef {{mean: Float32Array, root: Float32Array}} Gaussians
 */

/**
 * Rows of z in units of each digit's own Gaussian: mean + z @ root: → (digits · rows · zDim,).
 * @type {(rows: Float32Array, zDim: number, gaussians: Gaussians) => Float32Array}
 */
export function digitsOwn(rows, zDim, { mean, root }) {
  const digits = mean.length / zDim
  const all = new Float32Array(digits * rows.length)
  for (let i = 0; i < all.length; i++) {
    const digit = Math.floor(i / rows.length)
    const row = Math.floor((i % rows.length) / zDim)
    const column = i % zDim
    let sum = mean[digit * zDim + column]
    for (let k = 0; k < zDim; k++) {
      sum += rows[row * zDim + k] * root[(digit * zDim + k) * zDim + column]
    }
    all[i] = sum
  }
  return all
}

/**
 * Each digit `count` times, as probabilities: → (digits · count · 10,).
 * @type {(digits: number[], count: number) => Float32Array}
 */
export function labels(digits, count) {
  const rows = new Float32Array(digits.length * count * CLASSES)
  digits.forEach((digit, i) => {
    for (let k = 0; k < count; k++) rows[(i * count + k) * CLASSES + digit] = 1
  })
  return rows
}
