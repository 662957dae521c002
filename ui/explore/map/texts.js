// What is said of a place of the map.

import { percent, signed } from "../../components/dom.js"

/** @import { MapData } from "./data.js" */
/** @import { Place, Projection } from "./points.js" */

/**
 * What is along the axes.
 * @param {Projection} projection
 * @param {MapData} data
 * @param {Float32Array} shares of the variance, (2,)
 */
export function axisNames(projection, { zDim, names }, shares) {
  /** @param {number} i */
  const called = (i) => (names[i] ? `z${i} ${names[i]}` : `z${i}`)
  if (projection === "plane") {
    return { across: `${called(0)} →`, up: zDim === 1 ? "a line for each digit" : `${called(1)} ↑` }
  }
  if (projection === "pca") {
    return {
      across: `component 1: ${percent(shares[0])} of the variance →`,
      up: `component 2: ${percent(shares[1])} ↑`,
    }
  }
  return { across: "near in z, near here; the axes mean nothing", up: "" }
}

/**
 * Which z the place stands for.
 * @param {Projection} projection
 * @param {Place} place
 * @param {Float32Array} z
 * @param {number[]} of the points that it is the mean of, in an embedding
 */
export function whereText(projection, { x, y }, z, of) {
  if (projection === "plane") {
    const all = Array.from(z, (value, i) => `z${i} is ${signed(value)}`)
    return `Here ${all.join(" and ")}.`
  }
  if (projection === "pca") {
    const rest = `the other ${z.length - 2} direction${z.length === 3 ? "" : "s"}`
    return `Here: component 1 at ${signed(x)}, component 2 at ${signed(y)}, ${rest} at the mean.`
  }
  return `Here z is the mean of the ${of.length} nearest points, nearer ones counting more.`
}

/** @param {number} index */
export function imageName(index) {
  return `test image ${index}`
}
