// Images in the latent space, and their places on a map.
//
// Projections: "plane", z itself or, with one dimension, a strip with a line for each digit; "pca";
// "neighbours", a stored embedding, if the model has one.

const NEAR = 8 // Points that a z of the embedding is the mean of.
const STRIP_GAP = 0.6, STRIP_WIDTH = 0.42 // Between the lines of a strip, and across one.

export class Points {
  // From what `pointsOf` of data.js promises.
  constructor({ mu, y, origin, axes, shares, embedding }) {
    this.count = y.length
    this.zDim = origin.length
    this.axes = [axes.subarray(0, this.zDim), axes.subarray(this.zDim)]
    Object.assign(this, { mu, y, origin, shares, embedding })
    this.places = new Map()
  }

  get projections() {
    if (this.zDim <= 2) return ["plane"]
    return this.embedding ? ["pca", "neighbours"] : ["pca"]
  }

  // Places (count,) and (count,) in a projection, up positive.
  project(projection) {
    if (!this.places.has(projection)) this.places.set(projection, this.compute(projection))
    return this.places.get(projection)
  }

  compute(projection) {
    const { count, zDim, origin, axes, mu } = this
    const x = new Float32Array(count), y = new Float32Array(count)
    if (projection === "neighbours") {
      for (let i = 0; i < count; i++) {
        x[i] = this.embedding[2 * i]
        y[i] = this.embedding[2 * i + 1]
      }
      return { x, y }
    }
    for (let i = 0; i < count; i++) {
      let across = 0, up = 0
      for (let k = 0; k < zDim; k++) {
        const value = mu[i * zDim + k] - origin[k]
        across += value * axes[0][k]
        up += value * axes[1][k]
      }
      x[i] = across
      y[i] = zDim === 1 ? stripLine(this.y[i], i) : up
    }
    return { x, y }
  }

  // The z of a place: {z (zDim,), of: indices that it is the mean of, or null}.
  zAt(projection, x, y) {
    const { zDim, origin, axes, mu } = this
    const z = new Float32Array(zDim)
    if (projection !== "neighbours") {
      for (let k = 0; k < zDim; k++) z[k] = origin[k] + x * axes[0][k] + y * axes[1][k]
      return { z, of: null }
    }
    const places = this.project(projection)
    const of = nearestOf(NEAR, this.count, (i) => (places.x[i] - x) ** 2 + (places.y[i] - y) ** 2)
    const weights = of.map((i) => 1 / ((places.x[i] - x) ** 2 + (places.y[i] - y) ** 2 + 1e-6))
    const sum = weights.reduce((a, b) => a + b)
    of.forEach((i, n) => {
      for (let k = 0; k < zDim; k++) z[k] += (weights[n] / sum) * mu[i * zDim + k]
    })
    return { z, of }
  }

  // The point nearest to a place on the map, of the digits that are shown; -1 if there is none.
  nearest(projection, x, y, isShown) {
    const places = this.project(projection)
    const away = (i) =>
      isShown[this.y[i]] ? (places.x[i] - x) ** 2 + (places.y[i] - y) ** 2 : Infinity
    return nearestOf(1, this.count, away)[0] ?? -1
  }

  // The points nearest to z (zDim,) in the latent space.
  neighbours(z, k) {
    const { zDim, mu } = this
    return nearestOf(k, this.count, (i) => {
      let sum = 0
      for (let j = 0; j < zDim; j++) sum += (mu[i * zDim + j] - z[j]) ** 2
      return sum
    })
  }

  // Where z (zDim,) is on a map: exactly, or in an embedding amid its nearest points.
  placeOf(projection, z) {
    if (projection === "neighbours") {
      const places = this.project(projection)
      const of = this.neighbours(z, NEAR)
      const middle = (values) => median(of.map((i) => values[i]))
      return { x: middle(places.x), y: middle(places.y) }
    }
    const along = (axis) => axis.reduce((sum, a, k) => sum + a * (z[k] - this.origin[k]), 0)
    return { x: along(this.axes[0]), y: this.zDim === 1 ? 0 : along(this.axes[1]) }
  }

  // The middle of each digit's points: the medians of their places, or null for none.
  centres(projection) {
    const { x, y } = this.project(projection)
    return Array.from({ length: 10 }, (_, digit) => {
      const own = []
      for (let i = 0; i < this.count; i++) if (this.y[i] === digit) own.push(i)
      if (!own.length) return null
      return { x: median(own.map((i) => x[i])), y: median(own.map((i) => y[i])) }
    })
  }
}

// The indices of the `k` smallest of `away(0)` … `away(count - 1)`, ascending; none that is infinite.
function nearestOf(k, count, away) {
  const found = [], distances = []
  for (let i = 0; i < count; i++) {
    const distance = away(i)
    if (distance === Infinity || (found.length === k && distance >= distances[k - 1])) continue
    let at = found.length
    while (at > 0 && distances[at - 1] > distance) at--
    found.splice(at, 0, i)
    distances.splice(at, 0, distance)
    if (found.length > k) {
      found.pop()
      distances.pop()
    }
  }
  return found
}

// A place across the line of a digit, the same for the same image: the golden ratio spreads them.
function stripLine(digit, i) {
  return (4.5 - digit) * STRIP_GAP + (((i * 0.618034) % 1) - 0.5) * STRIP_WIDTH
}

function median(values) {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1]
}
