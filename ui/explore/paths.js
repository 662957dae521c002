// Ways between two points of the latent space, as `interpolate` of vae/analysis/latent.py.

const MIN_SINE = 1e-3 // Below it an arc would be mostly rounding errors.

/**
 * The point at a share of the way, 0 the start and 1 the end, each (zDim,).
 * @param {number[]} start
 * @param {number[]} end
 * @param {number} share
 * @param {boolean} spherical
 */
export function interpolate(start, end, share, spherical) {
  const angle = spherical ? angleBetween(start, end) : 0
  const sine = Math.sin(angle)
  const arc = sine > MIN_SINE
  const [a, b] = arc
    ? [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine]
    : [1 - share, share]
  return Float32Array.from(start, (value, i) => a * value + b * end[i])
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
function angleBetween(a, b) {
  /** @type {(u: number[], v: number[]) => number} */
  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0)
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths > 0 ? Math.acos(Math.min(Math.max(dot(a, b) / lengths, -1), 1)) : 0
}
