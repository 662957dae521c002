// The reconstruction over the KL divergence on the test set, a point for each β.

import { make, polyline, round, set } from "../../svg.js"

const TRADE_WIDTH = 300
const TRADE_HEIGHT = 236
const [TRADE_LEFT, TRADE_FLOOR, TRADE_TOP] = [40, 210, 38]

export class TradeOff {
  constructor(root) {
    const label = "Reconstruction over KL divergence on the test set, a point for each β"
    this.svg = make("svg", { viewBox: `0 0 ${TRADE_WIDTH} ${TRADE_HEIGHT}`, role: "img", "aria-label": label })
    root.replaceChildren(this.svg)
  }

  // betas: {beta, test_recon, test_kl} of each.
  draw(betas) {
    const [right, high] = ["test_kl", "test_recon"].map((name) => ceiling(betas.map((b) => b[name])))
    const along = (kl) => TRADE_LEFT + ((TRADE_WIDTH - 12 - TRADE_LEFT) * kl) / right
    const up = (recon) => TRADE_FLOOR - ((TRADE_FLOOR - TRADE_TOP) * recon) / high
    const places = betas.map((b) => [along(Math.max(0, b.test_kl)), up(b.test_recon)])
    const end = { class: "faint", "text-anchor": "end" }
    this.points = places.map(([x, y]) => make("circle", { cx: round(x), cy: round(y), r: 5 }))
    this.names = places.map(([x, y], i) => {
      const place = { x: round(x + 10), y: round(y - 9), class: "strong" }
      return make("text", place, `β = ${betas[i].beta}`)
    })
    this.svg.replaceChildren(
      make("path", { class: "axis", d: `M${TRADE_LEFT} ${TRADE_TOP - 8}V${TRADE_FLOOR}H${TRADE_WIDTH}` }),
      make("path", { class: "curve", d: polyline(places) }),
      ...this.points,
      ...this.names,
      make("text", { ...end, x: TRADE_LEFT - 6, y: TRADE_TOP + 6 }, String(high)),
      make("text", { ...end, x: TRADE_LEFT - 6, y: TRADE_FLOOR + 5 }, "0"),
      make("text", { ...end, x: TRADE_WIDTH - 2, y: TRADE_FLOOR + 20 }, String(right)),
      make("text", { class: "faint", x: 0, y: 14 }, "reconstruction, nats"),
      make("text", { class: "faint", x: TRADE_LEFT, y: TRADE_FLOOR + 20 }, "KL, nats"),
    )
  }

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

function ceiling(values) {
  return Math.ceil(Math.max(...values, 1) / 10) * 10
}
