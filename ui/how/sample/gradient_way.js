// The way of the gradient from the cost back to μ and σ: through z = μ + σ · ε, or up to a random
// draw.

import { make, polyline, set } from "../../components/svg.js"

/** @typedef {"mu" | "sigma" | "epsilon" | "z" | "cost"} Node */
/** @typedef {[number, number]} Point */

/** @type {Record<Node, Point>} */
const NODES = { mu: [24, 28], sigma: [24, 118], epsilon: [24, 73], z: [250, 73], cost: [386, 73] }
/** @type {Node[]} */
const ALL = ["mu", "sigma", "epsilon", "z", "cost"]
const NAMES = { mu: "μ", sigma: "σ", epsilon: "ε", z: "z", cost: "cost" }
const RADIUS = 18

/** z = μ + σ · ε. */
export class WayThrough {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.svg = drawing(root, "With ε apart, the gradient goes from the cost through z to μ and σ")
    connect(this.svg, "epsilon", "z", "forward")
    connect(this.svg, "z", "mu", "backward")
    connect(this.svg, "z", "sigma", "backward")
    connect(this.svg, "cost", "z", "backward")
    for (const name of ALL) node(this.svg, name)
    this.byMu = text(this.svg, 150, 30, "factor")
    this.bySigma = text(this.svg, 150, 129, "factor")
    this.byZ = text(this.svg, 312, 38, "factor")
    text(this.svg, 96, 66, "faint").textContent = "random, fixed"
  }

  /**
   * @param {string} epsilon of the dimension
   * @param {string} byZ the derivative of the cost by its z, nats
   */
  show(epsilon, byZ) {
    this.byMu.textContent = "∂z/∂μ = 1"
    this.bySigma.textContent = `∂z/∂σ = ε = ${epsilon}`
    this.byZ.textContent = byZ
  }
}

/**
 * z is drawn from N(μ, σ²).
 * @param {HTMLElement} root
 */
export function wayBlocked(root) {
  const svg = drawing(root, "Without: the gradient ends at the random draw")
  /** @type {Point} */
  const draw = [140, 73]
  connect(svg, "cost", "z", "backward")
  line(svg, NODES.z, draw, "backward", RADIUS, 34)
  line(svg, draw, NODES.mu, "broken", 36, RADIUS)
  line(svg, draw, NODES.sigma, "broken", 36, RADIUS)
  for (const name of ALL) if (name !== "epsilon") node(svg, name)
  svg.append(make("rect", { class: "node random", x: 108, y: 51, width: 64, height: 44, rx: 8 }))
  text(svg, 140, 70, "").textContent = "random"
  text(svg, 140, 87, "").textContent = "draw"
  for (const y of [47, 99]) svg.append(make("path", { class: "cross", d: cross(80, y) }))
  text(svg, 150, 129, "stop").textContent = "no derivative this way"
}

/**
 * @param {HTMLElement} root
 * @param {string} label
 */
function drawing(root, label) {
  const svg = make("svg", { viewBox: "0 0 414 146", role: "img", "aria-label": label })
  root.replaceChildren(svg)
  return svg
}

/**
 * @param {SVGElement} svg
 * @param {Node} name
 */
function node(svg, name) {
  const [x, y] = NODES[name]
  const random = name === "epsilon" ? " random" : ""
  svg.append(
    make("circle", { class: `node${random}`, cx: x, cy: y, r: name === "cost" ? 26 : RADIUS }),
  )
  text(svg, x, y + 5, "").textContent = NAMES[name]
}

/**
 * @param {SVGElement} svg
 * @param {Node} from
 * @param {Node} to
 * @param {string} kind
 */
function connect(svg, from, to, kind) {
  line(svg, NODES[from], NODES[to], kind, from === "cost" ? 26 : RADIUS, RADIUS)
}

/**
 * An arrow between two places.
 * @param {SVGElement} svg
 * @param {Point} from
 * @param {Point} to
 * @param {string} kind
 * @param {number} near how far from the first it begins
 * @param {number} far how far from the second it ends
 */
function line(svg, [x1, y1], [x2, y2], kind, near, far) {
  const length = Math.hypot(x2 - x1, y2 - y1)
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length]
  const tip = [x2 - dx * (far + 3), y2 - dy * (far + 3)]
  const start = [x1 + dx * near, y1 + dy * near]
  svg.append(make("path", { class: kind, d: polyline([start, tip]) }))
  if (kind !== "backward") return
  /** @param {number} side */
  const wing = (side) => [tip[0] - 10 * dx - 5 * side * dy, tip[1] - 10 * dy + 5 * side * dx]
  svg.append(make("path", { class: "arrowhead", d: `${polyline([tip, wing(1), wing(-1)])}Z` }))
}

/**
 * @param {SVGElement} svg
 * @param {number} x
 * @param {number} y
 * @param {string} kind
 */
function text(svg, x, y, kind) {
  const made = make("text", { x, y, "text-anchor": "middle" })
  if (kind) set(made, { class: kind })
  svg.append(made)
  return made
}

/**
 * @param {number} x
 * @param {number} y
 */
function cross(x, y) {
  return `M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x - 6} ${y + 6}L${x + 6} ${y - 6}`
}
