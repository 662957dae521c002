// The importance-weighted bounds over K, above the ELBO.

import { signed } from "../../components/dom.js"
import { make, polyline, round } from "../../components/svg.js"

const CHART_WIDTH = 400
const CHART_HEIGHT = 250
const [TOP_OF_CHART, FLOOR_OF_CHART] = [40, 205]

export class BoundsChart {
  /**
   * @param {HTMLElement} root
   * @param {number[]} ks
   */
  constructor(root, ks) {
    this.root = root
    this.ks = ks
    this.svg = make("svg", { viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`, role: "img" })
    root.replaceChildren(this.svg)
  }

  /**
   * @param {number[]} bounds for each K, nats; that for K = 1 is the ELBO
   * @param {number | null} exact of what they are bounds, if it is known
   * @param {string} name of that
   */
  show(bounds, exact, name) {
    const [elbo] = bounds
    const room = Math.max((exact ?? bounds[bounds.length - 1]) - elbo, 0.5)
    /** @param {number} value */
    const up = (value) => FLOOR_OF_CHART - ((FLOOR_OF_CHART - TOP_OF_CHART) * (value - elbo)) / room
    /** @param {number} i */
    const across = (i) => 56 + (i * (CHART_WIDTH - 90)) / (bounds.length - 1)
    const points = bounds.map((bound, i) => [across(i), up(bound)])
    const line = polyline(points)
    const floor = up(elbo)
    /** @type {SVGElement[]} */
    const parts = [
      make("path", { class: "room", d: `${line}V${floor}H${points[0][0]}Z` }),
      make("path", { class: "elbo", d: `M0 ${floor}H${CHART_WIDTH}` }),
      make("path", { class: "bound", d: line }),
    ]
    points.forEach(([x, y], i) => {
      const text = i ? `+${(bounds[i] - elbo).toFixed(1)}` : signed(elbo, 1)
      const anchor = { "text-anchor": i ? "middle" : "end" } // Beside the line, not on it.
      const under = { x: round(x), y: CHART_HEIGHT - 6, "text-anchor": "middle", class: "faint" }
      parts.push(
        make("circle", { cx: round(x), cy: round(y), r: 6 }),
        make(
          "text",
          {
            x: round(i ? x : x + 6),
            y: round(i && exact !== null ? y + 24 : y - 14),
            ...anchor,
            class: "strong",
          },
          text,
        ),
        make("text", under, `K = ${this.ks[i]}`),
      )
    })
    const known = exact === null ? "" : `; ${name} is ${exact.toFixed(1)}`
    if (exact !== null) {
      const y = round(up(exact))
      const text = `${name} = ${signed(exact, 1)}`
      parts.push(
        make("path", { class: "exact", d: `M0 ${y}H${CHART_WIDTH}` }),
        make("text", { x: 8, y: y - 8, class: "strong exact" }, text),
      )
    }
    this.svg.setAttribute(
      "aria-label",
      `Bounds of log p of the image: ${bounds.map((b, i) => `${b.toFixed(1)} for K = ${this.ks[i]}`).join(", ")}${known}`,
    )
    this.svg.replaceChildren(...parts, make("text", { x: 200, y: floor - 8 }, "ELBO"))
  }
}
