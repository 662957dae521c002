// Images in the latent space, and their places on a map.

/** @import { PointsData } from "./data.js" */

/** @typedef {{x: number, y: number}} Place on a map, up positive */
/** @typedef {{x: Float32Array, y: Float32Array}} Places */

/**
 * "plane" is z itself or, with one dimension, a strip with a line for each digit; "neighbours" is a
 * stored embedding, if the model has one.
 * @typedef {"plane" | "pca" | "neighbours"} Projection
 */

const NEAR = 8 // Points that a z of the embedding is the mean of.
const STRIP_GAP = 0.6 // Between the lines of a strip.
const STRIP_WIDTH = 0.42 // Across one.

export class Points {
  /** @param {PointsData} data */
  constructor({ mu, y, origin, axes, shares, embedding }) {
    this.count = y.length
    this.zDim = origin.length
    this.mu = mu
    this.y = y
    this.origin = origin
    this.axes = [axes.subarray(0, this.zDim), axes.subarray(this.zDim)]
    this.shares = shares
    this.embedding = embedding
    /** @type {Map<Projection, Places>} */
    this.places = new Map()
  }

  /** @type {Projection[]} */
  get projections() {
    if (this.zDim <= 2) return ["plane"]
    return this.embedding ? ["pca", "neighbours"] : ["pca"]
  }

  /**
   * The places of all points, each of x and y (count,).
   * @param {Projection} projection
   */
  project(projection) {
    const places = this.places.get(projection) ?? this.compute(projection)
    this.places.set(projection, places)
    return places
  }

  /**
   * @param {Projection} projection
   * @returns {Places}
   */
  compute(projection) {
    const { count, embedding } = this
    const x = new Float32Array(count)
    const y = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      if (projection === "neighbours" && embedding) {
        x[i] = embedding[2 * i]
        y[i] = embedding[2 * i + 1]
      } else {
        const z = this.zOf(i)
        x[i] = this.along(0, z)
        y[i] = this.zDim === 1 ? stripLine(this.y[i], i) : this.along(1, z)
      }
    }
    return { x, y }
  }

  /**
   * The μ (zDim,) of a point.
   * @param {number} i
   */
  zOf(i) {
    return this.mu.subarray(i * this.zDim, (i + 1) * this.zDim)
  }

  /**
   * How far z is from the origin along an axis of the plane.
   * @param {number} axis
   * @param {Float32Array} z
   */
  along(axis, z) {
    let sum = 0
    for (let k = 0; k < this.zDim; k++) sum += (z[k] - this.origin[k]) * this.axes[axis][k]
    return sum
  }

  /**
   * The z (zDim,) of a place, and the points that it is the mean of, none on a plane.
   * @param {Projection} projection
   * @param {number} x
   * @param {number} y
   */
  zAt(projection, x, y) {
    const { zDim, origin, axes } = this
    const z = new Float32Array(zDim)
    if (projection !== "neighbours") {
      for (let k = 0; k < zDim; k++) z[k] = origin[k] + x * axes[0][k] + y * axes[1][k]
      return { z, of: [] }
    }
    const away = this.distances(projection, x, y)
    const of = nearestOf(NEAR, this.count, away)
    const weights = of.map((i) => 1 / (away(i) + 1e-6))
    const sum = weights.reduce((a, b) => a + b)
    for (const [n, i] of of.entries()) {
      this.zOf(i).forEach((value, k) => {
        z[k] += (weights[n] / sum) * value
      })
    }
    return { z, of }
  }

  /**
   * Returns a function: how far a point is from a place, squared.
   * @param {Projection} projection
   * @param {number} x
   * @param {number} y
   */
  distances(projection, x, y) {
    const places = this.project(projection)
    /** @param {number} i */
    return (i) => (places.x[i] - x) ** 2 + (places.y[i] - y) ** 2
  }

  /**
   * The point nearest to a place; -1 if there is none.
   * @param {Projection} projection
   * @param {number} x
   * @param {number} y
   * @param {boolean[]} isShown of each digit
   */
  nearest(projection, x, y, isShown) {
    const away = this.distances(projection, x, y)
    const [nearest = -1] = nearestOf(1, this.count, (i) =>
      isShown[this.y[i]] ? away(i) : Infinity,
    )
    return nearest
  }

  /**
   * The points nearest to z (zDim,) in the latent space.
   * @param {Float32Array} z
   * @param {number} k how many
   */
  neighbours(z, k) {
    const { zDim, mu } = this
    return nearestOf(k, this.count, (i) => {
      let sum = 0
      for (let j = 0; j < zDim; j++) sum += (mu[i * zDim + j] - z[j]) ** 2
      return sum
    })
  }

  /**
   * Where z (zDim,) is on a map: exactly, or in an embedding amid its nearest points.
   * @param {Projection} projection
   * @param {Float32Array} z
   * @returns {Place}
   */
  placeOf(projection, z) {
    if (projection === "neighbours") return this.middleOf(projection, this.neighbours(z, NEAR))
    return { x: this.along(0, z), y: this.zDim === 1 ? 0 : this.along(1, z) }
  }

  /**
   * The place of a point.
   * @param {Projection} projection
   * @param {number} i
   */
  placeAt(projection, i) {
    const { x, y } = this.project(projection)
    return { x: x[i], y: y[i] }
  }

  /**
   * @param {Projection} projection
   * @param {number[]} some points
   */
  middleOf(projection, some) {
    const { x, y } = this.project(projection)
    return { x: median(some.map((i) => x[i])), y: median(some.map((i) => y[i])) }
  }

  /**
   * The middle of each digit's points, or null for none.
   * @param {Projection} projection
   */
  centres(projection) {
    /** @type {number[][]} */
    const own = Array.from({ length: 10 }, () => [])
    this.y.forEach((digit, i) => {
      own[digit].push(i)
    })
    return own.map((some) => (some.length ? this.middleOf(projection, some) : null))
  }
}

/**
 * Those of 0 … `count - 1` whose distances are smallest, the nearest first; none that is infinite.
 * @param {number} k how many
 * @param {number} count
 * @param {(i: number) => number} away
 */
function nearestOf(k, count, away) {
  /** @type {number[]} */
  const found = []
  /** @type {number[]} */
  const distances = []
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

/**
 * A place across the line of a digit, the same for the same image: the golden ratio spreads them.
 * @param {number} digit
 * @param {number} i
 */
function stripLine(digit, i) {
  return (4.5 - digit) * STRIP_GAP + (((i * 0.618034) % 1) - 0.5) * STRIP_WIDTH
}

/** @param {number[]} values */
function median(values) {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1]
}
