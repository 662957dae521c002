// The KL divergence of each dimension of z, as bars.

import { append, nearest } from "../components/view.js"

const MOST_NUMBERS = 12 // With more bars there is no room for numbers above them.

/**
 * The KL divergence of each dimension of z at moments of a training.
 * @typedef {object} Divergences
 * @property {number[]} x epochs done
 * @property {number[][]} rows nats, for each of x
 * @property {(0 | 1)[][]} active 1: the dimension is in use, for each of x
 */

export class Bars {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.title = append(root, "div", "title")
    this.bars = append(root, "div", "bars")
    this.bars.setAttribute("role", "img")
  }

  /**
   * @param {Divergences} kl
   * @param {number | null} epochs the moment that is shown; null: the newest
   */
  draw({ x, rows, active }, epochs) {
    const row = nearest(x, epochs)
    const values = rows[row] ?? []
    const used = active[row] ?? []
    const hidden = !values.length
    this.title.hidden = this.bars.hidden = hidden
    if (hidden) return
    if (this.bars.children.length !== values.length) {
      this.bars.replaceChildren()
      values.forEach((_, i) => {
        const column = append(this.bars, "div", "column")
        const space = append(column, "div", "space")
        append(space, "span", "number")
        append(space, "div", "bar")
        append(column, "span", "", values.length <= 16 || i % 4 === 0 ? `z${i}` : "")
      })
    }
    const trained = rows.filter((_, i) => x[i] > 0)
    const most = Math.max(0.1, ...(trained.length ? trained : rows).flat())
    const inUse = used.filter((on) => on).length
    values.forEach((value, i) => {
      const column = /** @type {HTMLElement} */ (this.bars.children[i])
      const on = used[i] ?? true
      column.classList.toggle("unused", !on)
      column.title = `z${i}: ${value.toFixed(3)} nats${on ? "" : ", not in use"}`
      const [number, bar] = /** @type {HTMLElement[]} */ ([...column.children[0].children])
      number.textContent = values.length <= MOST_NUMBERS ? value.toFixed(value < 9.95 ? 1 : 0) : ""
      const share = Math.min(1, Math.max(0.03, value / most)).toFixed(3)
      bar.style.flexBasis = `calc(${share} * (100% - 20px))` // Less the height of the number.
    })
    const counted = used.length ? `${inUse} of ${values.length} in use` : ""
    const when = epochs === null ? "" : ` · after epoch ${x[row]}`
    this.title.textContent = `KL divergence by dimension, nats${counted && ` · ${counted}`}${when}`
    this.title.title = "Not in use: its μ is nearly the same for all images."
    const all = values.map((value, i) => `z${i} ${value.toFixed(2)}`).join(", ")
    this.bars.setAttribute("aria-label", `${this.title.textContent}: ${all}`)
  }
}
