// The bounds of an axis, and round numbers for it.

/**
 * Bounds between which these values are, with some room.
 * @param {number[]} values
 * @param {boolean} log whether the axis is logarithmic: without the values that are not positive
 */
export function bounds(values, log = false) {
  const some = values.filter((value) => !log || value > 0)
  if (!some.length) return [log ? 0.1 : 0, 1]
  const top = Math.max(...some)
  const bottom = Math.min(...some)
  if (log) return [bottom / 1.1, top * 1.1]
  const room = (top - bottom) * 0.06 || Math.abs(top) / 10 || 1
  return [bottom - room, top + room]
}

/**
 * Those between two bounds, about `count`.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  const found = []
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(+(i * step).toPrecision(6))
  return found
}

/**
 * Those between two positive bounds, for a logarithmic axis.
 * @param {number} low
 * @param {number} high
 */
export function powers(low, high) {
  const found = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of [1, 2, 5]) found.push(+(factor * 10 ** power).toPrecision(6))
  }
  const inside = found.filter((value) => value >= low && value <= high)
  return inside.length > 1 ? inside : ticks(low, high, 4)
}

/**
 * A value of a curve as text.
 * @param {number | null | undefined} value
 * @param {number | null} decimals those of a percentage; null: the value is none
 */
export function figure(value, decimals = null) {
  if (value === undefined || value === null) return ""
  if (decimals !== null) return `${(100 * value).toFixed(decimals)} %`
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
