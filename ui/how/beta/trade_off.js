// The reconstruction over the KL divergence on the test set, a point for each β.

import { make, polyline, round, set } from "../../components/svg.js"

/**
 * What a model makes of the test set: nats per image.
 * @typedef {{beta: number, test_recon: number, test_kl: number}} OnTestSet
 */

const TRADE_WIDTH = 300
const TRADE_HEIGHT = 236
const [TRADE_LEFT, TRADE_FLOOR, TRADE_TOP] = [40, 210, 38]

export class TradeOff {
  /** @param {HTMLElement} root */
  constructor(root) {
    const label = "Reconstruction over KL divergence on the test set, a point for each β"
    this.svg = make("svg", {
      viewBox: `0 0 ${TRADE_WIDTH} ${TRADE_HEIGHT}`,
      role: "img",
      "aria-label": label,
    })
    root.replaceChildren(this.svg)
    /** @type {SVGElement[]} */
    this.points = []
    /** @type {SVGElement[]} */
    this.names = []
  }

  /** @param {OnTestSet[]} betas in ascending order */
  draw(betas) {
    // The KL divergence of an autoencoder is ten times as large: it is at the edge, without a line.
    const right = ceiling(betas.filter((b) => b.beta > 0).map((b) => b.test_kl))
    const high = ceiling(betas.map((b) => b.test_recon))
    /** @param {number} kl */
    const along = (kl) => TRADE_LEFT + ((TRADE_WIDTH - 12 - TRADE_LEFT) * kl) / right
    /** @param {number} recon */
    const up = (recon) => TRADE_FLOOR - ((TRADE_FLOOR - TRADE_TOP) * recon) / high
    const within = betas.map((b) => b.test_kl <= right)
    const places = betas.map((b) => [along(clamp(b.test_kl, right)), up(b.test_recon)])
    const end = { class: "faint", "text-anchor": "end" }
    this.points = places.map(([x, y]) => make("circle", { cx: round(x), cy: round(y), r: 5 }))
    this.names = places.map(([x, y], i) => {
      const place = { x: round(x + 10), y: round(y - 9), class: "strong" }
      const beyond = within[i] ? "" : `, KL ${betas[i].test_kl.toFixed(0)} →`
      return make("text", place, `β = ${betas[i].beta}${beyond}`)
    })
    this.svg.replaceChildren(
      make("path", {
        class: "axis",
        d: `M${TRADE_LEFT} ${TRADE_TOP - 8}V${TRADE_FLOOR}H${TRADE_WIDTH}`,
      }),
      make("path", { class: "curve", d: polyline(places.filter((_, i) => within[i])) }),
      ...this.points,
      ...this.names,
      make("text", { ...end, x: TRADE_LEFT - 6, y: TRADE_TOP + 6 }, String(high)),
      make("text", { ...end, x: TRADE_LEFT - 6, y: TRADE_FLOOR + 5 }, "0"),
      make("text", { ...end, x: TRADE_WIDTH - 2, y: TRADE_FLOOR + 24 }, String(right)),
      make("text", { class: "faint", x: 0, y: 16 }, "reconstruction, nats"),
      make("text", { class: "faint", x: TRADE_LEFT, y: TRADE_FLOOR + 24 }, "KL, nats"),
    )
  }

  /**
   * Show which model is chosen.
   * @param {number} current its index
   */
  mark(current) {
    this.points.forEach((point, i) => {
      point.classList.toggle("now", i === current)
      set(point, { r: i === current ? 9 : 5 })
    })
    this.names.forEach((name, i) => {
      name.style.display = i === current ? "" : "none"
      // To the left where there is no room on the right.
      const beyond = Number(name.getAttribute("x")) > TRADE_WIDTH - 90
      name.setAttribute("text-anchor", beyond ? "end" : "start")
    })
  }
}

/**
 * @param {number} value
 * @param {number} most
 */
function clamp(value, most) {
  return Math.min(Math.max(0, value), most)
}

/** @param {number[]} values */
function ceiling(values) {
  return Math.ceil(Math.max(...values, 1) / 10) * 10
}
