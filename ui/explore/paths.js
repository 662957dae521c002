// Ways between two points of the latent space, as `interpolate` of vae/analysis/latent.py.

const MIN_SINE = 1e-3 // Below it an arc would be mostly rounding errors.

// The point at a share of the way, 0 the start and 1 the end, each (zDim,).
export function interpolate(start, end, share, spherical) {
  const angle = spherical ? angleBetween(start, end) : 0
  const sine = Math.sin(angle)
  const arc = sine > MIN_SINE
  const [a, b] = arc
    ? [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine]
    : [1 - share, share]
  return Float32Array.from(start, (value, i) => a * value + b * end[i])
}

function angleBetween(a, b) {
  const dot = (u, v) => u.reduce((sum, value, i) => sum + value * v[i], 0)
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths > 0 ? Math.acos(Math.min(Math.max(dot(a, b) / lengths, -1), 1)) : 0
}
