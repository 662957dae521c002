// The z of each digit of a picture, as `images` in ui/generate/choices.py has them.

const CLASSES = 10

/**
 * The numbers of z at the knobs plus spread · eps: → (count · knobs,).
 * @param {Float32Array} z
 * @param {number} count
 * @param {number} spread
 * @param {Float32Array} eps
 */
export function sampleAround(z, count, spread, eps) {
  const rows = Float32Array.from({ length: count * z.length }, (_, i) => z[i % z.length])
  return rows.map((value, i) => value + spread * eps[i])
}

/**
 * Rows of z that follow each other down the columns of a picture, in the order of its lines.
 * @param {Float32Array} z
 * @param {number} zDim
 * @param {number} lines
 */
export function columnsToRows(z, zDim, lines) {
  const columns = z.length / zDim / lines
  const sorted = new Float32Array(z.length)
  for (let i = 0; i < lines * columns; i++) {
    const from = ((i % columns) * lines + Math.floor(i / columns)) * zDim
    sorted.set(z.subarray(from, from + zDim), i * zDim)
  }
  return sorted
}

/**
 * Copies of z with one dimension going from -reach to reach; a single copy has 0 there.
 * @param {Float32Array} z
 * @param {number} count
 * @param {number} dimension
 * @param {number} reach
 */
export function traverse(z, count, dimension, reach) {
  const rows = Float32Array.from({ length: count * z.length }, (_, i) => z[i % z.length])
  for (const [row, value] of sweep(count, reach).entries()) {
    rows[row * z.length + dimension] = value
  }
  return rows
}

/**
 * `traverse` from each of some rows of z.
 * @param {Float32Array} rows
 * @param {number} zDim
 * @param {number} count
 * @param {number} dimension
 * @param {number} reach
 */
export function traverseEach(rows, zDim, count, dimension, reach) {
  const all = new Float32Array(rows.length * count)
  for (let start = 0; start < rows.length; start += zDim) {
    all.set(traverse(rows.slice(start, start + zDim), count, dimension, reach), start * count)
  }
  return all
}

/**
 * The values of a swept dimension from column to column.
 * @param {number} count
 * @param {number} reach
 */
export function sweep(count, reach) {
  if (count === 1) return [0]
  return Array.from({ length: count }, (_, i) => -reach + (2 * reach * i) / (count - 1))
}

/**
 * The same rows of z for each digit: → (digits · rows · zDim,).
 * @param {Float32Array} rows
 * @param {number} digits
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
 * @param {Float32Array} rows
 * @param {number} zDim
 * @param {Gaussians} gaussians
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
 * @param {number[]} digits
 * @param {number} count
 */
export function labels(digits, count) {
  const rows = new Float32Array(digits.length * count * CLASSES)
  digits.forEach((digit, i) => {
    for (let k = 0; k < count; k++) rows[(i * count + k) * CLASSES + digit] = 1
  })
  return rows
}
