// A Gaussian over the number line from -4 to 4, beside the prior N(0, 1).

import { signed } from "../components/dom.js"
import { make, polyline, set } from "../components/svg.js"

const BELL_REACH = 4
const BELL_WIDTH = 400
const BELL_HIGH = 74 // Of each curve: only their widths and places are to be compared.
export const BELL_FLOOR = 84

export class Bell {
  /**
   * @param {HTMLElement} root
   * @param {string} label
   */
  constructor(root, label) {
    this.svg = make("svg", { viewBox: `0 0 ${BELL_WIDTH} 108`, role: "img", "aria-label": label })
    this.prior = make("path", { class: "prior-curve", d: curve(0, 1) })
    this.curve = make("path", { class: "own-curve" })
    this.marks = make("g", {})
    this.svg.append(
      this.curve,
      this.prior,
      make("path", { class: "axis", d: `M0 ${BELL_FLOOR}H${BELL_WIDTH}` }),
    )
    for (let value = -BELL_REACH; value <= BELL_REACH; value += 2) {
      const anchor = value === -BELL_REACH ? "start" : value === BELL_REACH ? "end" : "middle"
      const place = { x: across(value), y: BELL_FLOOR + 18, "text-anchor": anchor, class: "faint" }
      this.svg.append(make("text", place, signed(value, 0)))
    }
    this.svg.append(this.marks)
    root.replaceChildren(this.svg)
  }

  /**
   * @param {number} mu
   * @param {number} sigma
   */
  show(mu, sigma) {
    set(this.curve, { d: curve(mu, sigma) })
  }
}

/** @param {number} value */
export function across(value) {
  return (BELL_WIDTH * (value + BELL_REACH)) / (2 * BELL_REACH)
}

/**
 * @param {number} mu
 * @param {number} sigma
 */
function curve(mu, sigma) {
  const points = []
  // More points near the mean, so that a narrow curve is smooth as well.
  for (let t = -4; t <= 4.001; t += 0.1) {
    const value = Math.max(-BELL_REACH, Math.min(BELL_REACH, mu + sigma * t))
    points.push([
      across(value),
      BELL_FLOOR - BELL_HIGH * Math.exp(-0.5 * ((value - mu) / sigma) ** 2),
    ])
  }
  const ends = [[across(-BELL_REACH), BELL_FLOOR], ...points, [across(BELL_REACH), BELL_FLOOR]]
  return polyline(ends)
}
