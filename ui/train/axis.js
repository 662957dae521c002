// Round numbers for an axis.

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
