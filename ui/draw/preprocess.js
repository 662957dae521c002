// A drawing of any size, position and pen width → 28 × 28: `preprocess_ink` of
// vae/data/preprocess.py, without the objection.

const SIDE = 28
const BOX = 20
const PEN = 2.4
const CENTER = 14.5
const MIN_INK = 0.15

/** @typedef {{ pixels: Uint8Array | Float32Array, width: number, height: number }} Picture */

/**
 * A drawing as an image of MNIST's kind, (784,) in [0, 1], or null if nothing is drawn.
 * @param {Float32Array} ink of each pixel, (side · side) in [0, 1]
 * @param {number} side
 */
export function toMnist(ink, side) {
  const strokes = crop(ink, side)
  if (!strokes) return null
  const { width, height } = strokes
  const longest = Math.max(width, height)
  const inside = padded(strokes, 1)
  const within = squaredDistance(inside, 0, longest)
  const pen = strokeWidth(within)
  const g = Math.max((PEN * longest - BOX * pen) / (BOX - PEN), -0.5 * Math.min(pen, longest))

  // Farther outside than this the grown strokes leave nothing.
  const reach = Math.max(1, Math.ceil(1 + g / 2))
  const around = padded(strokes, reach)
  const beyond = squaredDistance(around, 1, reach)
  const grown = new Float32Array(beyond.length)
  for (let y = 1 - reach, i = 0; y <= height + reach; y++) {
    for (let x = 1 - reach; x <= width + reach; x++, i++) {
      const signed = around.pixels[i]
        ? Math.sqrt(within[y * inside.width + x]) - 0.5
        : 0.5 - Math.sqrt(beyond[i])
      grown[i] = toUnit(signed + g / 2 + 0.5)
    }
  }
  return place({ ...around, pixels: grown }, BOX / (longest + g))
}

/** @param {number} value */
function toUnit(value) {
  return Math.min(Math.max(value, 0), 1)
}

/**
 * The smallest box around all pixels of more than half the strongest ink, which are 1 in it; null
 * if the strongest is too weak to be a stroke.
 * @param {Float32Array} ink
 * @param {number} side
 */
function crop(ink, side) {
  let strongest = 0
  for (let i = 0; i < ink.length; i++) if (ink[i] > strongest) strongest = ink[i]
  if (strongest < MIN_INK) return null
  let [left, right, top, bottom] = [side, 0, side, 0]
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (ink[y * side + x] <= 0.5 * strongest) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  const width = right - left + 1
  const height = bottom - top + 1
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = ink[(top + y) * side + left + x] > 0.5 * strongest ? 1 : 0
    }
  }
  return { pixels, width, height }
}

/**
 * A picture with `border` more pixels, 0, on each side.
 * @type {(picture: Picture, border: number) => Picture}
 */
function padded({ pixels, width, height }, border) {
  const wide = width + 2 * border
  const result = new Uint8Array(wide * (height + 2 * border))
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width)
    result.set(row, (y + border) * wide + border)
  }
  return { pixels: result, width: wide, height: height + 2 * border }
}

/**
 * The squared distance of each pixel to the nearest one that is `to`, at most (most + 1)².
 * @type {(picture: Picture, to: 0 | 1, most: number) => Int32Array}
 */
function squaredDistance({ pixels, width, height }, to, most) {
  const vertical = new Int32Array(width * height)
  for (let x = 0; x < width; x++) {
    let distance = most + 1
    for (let i = x; i < vertical.length; i += width) {
      distance = pixels[i] === to ? 0 : Math.min(distance + 1, most + 1)
      vertical[i] = distance
    }
    for (let i = vertical.length - width + x; i >= 0; i -= width) {
      distance = Math.min(distance + 1, vertical[i])
      vertical[i] = distance
    }
  }
  const result = new Int32Array(width * height)
  for (let i = 0; i < result.length; i++) {
    const x = i % width
    let least = vertical[i] ** 2
    for (let d = 1; d * d < least; d++) {
      if (d <= x) least = Math.min(least, d * d + vertical[i - d] ** 2)
      if (x + d < width) least = Math.min(least, d * d + vertical[i + d] ** 2)
    }
    result[i] = least
  }
  return result
}

/**
 * The mean width of the strokes, pixels: four times the mean distance to their outline.
 * @param {Int32Array} within squared distances; those outside of the strokes are 0
 */
function strokeWidth(within) {
  const distances = within.filter((squared) => squared > 0)
  return (4 * distances.reduce((sum, d) => sum + Math.sqrt(d) - 0.5, 0)) / distances.length
}

/**
 * A picture scaled, with its centre of mass at CENTER: (784,) in [0, 1].
 * @type {(picture: Picture, scale: number) => Float32Array}
 */
function place({ pixels, width, height }, scale) {
  const columns = new Float64Array(width)
  const rows = new Float64Array(height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      columns[x] += pixels[i]
      rows[y] += pixels[i]
    }
  }
  const across = overlaps(columns, scale)
  const placed = new Float32Array(SIDE * SIDE)
  overlaps(rows, scale).forEach((covered, row) => {
    for (const { at: y, share: shareOfRow } of covered) {
      for (let column = 0; column < SIDE; column++) {
        let sum = 0
        for (const { at: x, share } of across[column]) sum += share * pixels[y * width + x]
        placed[row * SIDE + column] += shareOfRow * sum
      }
    }
  })
  return placed.map(toUnit)
}

/**
 * Which old pixels each of the SIDE new ones covers along an axis, and their shares of it.
 * @param {Float64Array} mass the sum of the pixels at each index
 * @param {number} scale
 * @returns {{ at: number, share: number }[][]}
 */
function overlaps(mass, scale) {
  const total = mass.reduce((a, b) => a + b)
  const center = mass.reduce((sum, value, i) => sum + (i + 0.5) * value, 0) / total
  return Array.from({ length: SIDE }, (_, i) => {
    const start = center + (i - CENTER) / scale
    const end = start + 1 / scale
    const shares = []
    for (let at = Math.max(0, Math.floor(start)); at < Math.min(mass.length, end); at++) {
      shares.push({ at, share: scale * (toUnit(end - at) - toUnit(start - at)) })
    }
    return shares
  })
}
