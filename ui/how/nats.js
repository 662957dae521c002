// The KL divergence of each dimension of z as bars.

import { element } from "../components/dom.js"
import { SILENT } from "../engine/maths.js"

/** @import { Numbers } from "../engine/maths.js" */

const MANY_BARS = 16

export class Nats {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Record<"row" | "fill" | "number", HTMLElement>[]} */
    this.rows = []
  }

  /**
   * @param {Numbers} kl (zDim,) in nats
   * @param {number} full that of the longest bar
   */
  show(kl, full = Math.max(...kl, 0.5)) {
    if (this.rows.length !== kl.length) this.build(kl.length)
    this.rows.forEach(({ row, fill, number }, i) => {
      fill.style.width = `${Math.min((100 * Math.max(0, kl[i])) / full, 100)}%`
      number.textContent = Math.max(0, kl[i]).toFixed(2)
      row.classList.toggle("dark", kl[i] < SILENT)
    })
  }

  /** @param {number} count */
  build(count) {
    this.root.className = count > MANY_BARS ? "nats many" : "nats"
    this.rows = Array.from({ length: count }, (_, i) => {
      const fill = element("span", { class: "fill" })
      const number = element("span")
      const lane = element("span", { class: "lane" }, [fill])
      const row = element("div", { class: "nat" }, [element("span", {}, [`z${i}`]), lane, number])
      return { row, fill, number }
    })
    this.root.replaceChildren(...this.rows.map(({ row }) => row))
  }
}

/**
 * How many dimensions cost next to nothing.
 * @param {Numbers} kl
 */
export function silent(kl) {
  return [...kl].filter((value) => value < SILENT).length
}
