// σ over the network's output: exp(½ · output), which is positive, and the output itself.

import { make, polyline, set } from "../../components/svg.js"

const [LEFT, RIGHT] = [-8, 2] // The output.
const [BOTTOM, TOP] = [-2.5, 3] // σ.
const PLOT_WIDTH = 400
const PLOT_HEIGHT = 170

export class OutputPlot {
  /** @param {HTMLElement} root */
  constructor(root) {
    const label = "σ over the network's output, as exp of its half and as the output itself"
    const svg = make("svg", {
      viewBox: `0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT}`,
      role: "img",
      "aria-label": label,
    })
    /** @type {number[][]} */
    const exponential = []
    for (let output = LEFT; output <= RIGHT; output += 0.1) {
      exponential.push([along(output), up(Math.exp(0.5 * output))])
    }
    /** @type {(from: number, to: number) => string} */
    const line = (from, to) => polyline([from, to].map((value) => [along(value), up(value)]))
    const zero = up(0)
    this.at = make("line", { class: "at", y1: 0, y2: PLOT_HEIGHT })
    this.raw = make("circle", { class: "point raw", r: 6 })
    this.point = make("circle", { class: "point", r: 6 })
    svg.append(
      make("rect", {
        class: "below",
        x: 0,
        y: zero,
        width: PLOT_WIDTH,
        height: PLOT_HEIGHT - zero,
      }),
      make("path", { class: "axis", d: `M0 ${zero}H${PLOT_WIDTH}` }),
      this.at,
      make("path", { class: "line negative", d: line(BOTTOM, 0) }),
      make("path", { class: "line", d: line(0, RIGHT) }),
      make("path", { class: "exp", d: polyline(exponential) }),
      make("text", { x: 6, y: up(1) }, "σ = exp(½ · output)"),
      make("text", { x: 6, y: PLOT_HEIGHT - 10, class: "forbidden" }, "σ < 0: impossible"),
      make("text", { x: along(-2.15), y: PLOT_HEIGHT - 10 }, "σ = output"),
      this.raw,
      this.point,
    )
    root.replaceChildren(svg)
  }

  /** @param {number} output */
  show(output) {
    const x = along(Math.max(LEFT, Math.min(RIGHT, output)))
    set(this.at, { x1: x, x2: x })
    set(this.point, { cx: x, cy: up(Math.exp(0.5 * output)) })
    set(this.raw, { cx: x, cy: up(Math.max(output, BOTTOM)) })
    this.raw.classList.toggle("impossible", output <= 0)
  }
}

/** @param {number} output */
function along(output) {
  return (PLOT_WIDTH * (output - LEFT)) / (RIGHT - LEFT)
}

/** @param {number} sigma */
function up(sigma) {
  return PLOT_HEIGHT - (PLOT_HEIGHT * (sigma - BOTTOM)) / (TOP - BOTTOM)
}
