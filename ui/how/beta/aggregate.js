// Where z lies: z of test images, the aggregate posterior, beside the prior from which samples come.

import { make, round } from "../../components/svg.js"

const SIZE = 240
const RINGS = [1, 2] // Standard deviations of the prior.
const NEAR = 3.5 // The plot shows at least so much.

export class Aggregate {
  /** @param {HTMLElement} root */
  constructor(root) {
    const label = "z of test images in two dimensions, and the prior's standard deviations"
    const [low, all] = [-SIZE / 2, SIZE]
    const viewBox = `${low} ${low} ${all} ${all}`
    this.svg = make("svg", { viewBox, role: "img", "aria-label": label })
    root.replaceChildren(this.svg)
  }

  /** @param {Float32Array} z (n · 2,) */
  show(z) {
    const reach = Math.max(NEAR, ...z.map(Math.abs))
    const unit = SIZE / 2 / reach
    let dots = ""
    for (let i = 0; i < z.length; i += 2)
      dots += `M${round(unit * z[i])} ${round(-unit * z[i + 1])}h0`
    this.svg.replaceChildren(
      ...RINGS.map((ring) => make("circle", { class: "prior", r: round(ring * unit) })),
      make("path", { class: "dots", d: dots }),
    )
  }
}
