// The dimensions of z as rows: a name, μ ± σ on a line from -4 to 4, and numbers. A row is a button
// that chooses its dimension.

import { element, set } from "../components/dom.js"

/**
 * Where a dimension has its mean and standard deviation and, if they are to be shown, its other
 * mean and its z.
 * @typedef {{mu: number, sigma: number, mean?: number, z?: number}} Marks
 */

const ROW_REACH = 4 // As the rows of the Draw page.
const MANY_ROWS = 12 // More rows than these are in two columns.

export class LatentRows {
  /**
   * @param {HTMLElement} root
   * @param {string[]} heads the names of the numbers
   * @param {((i: number) => void) | null} choose called when dimension i is chosen; without it the
   *   rows are no buttons
   */
  constructor(root, heads, choose = null) {
    this.root = root
    this.heads = heads
    this.choose = choose
    /** @type {ReturnType<LatentRows["row"]>[]} */
    this.rows = []
  }

  /**
   * @param {number} zDim
   * @param {number | null} chosen a dimension
   * @param {(i: number) => Marks} marks
   * @param {(i: number) => string[]} texts its numbers as text
   */
  show(zDim, chosen, marks, texts) {
    if (this.rows.length !== zDim) this.build(zDim)
    this.rows.forEach((row, i) => {
      const { mu, sigma, mean, z } = marks(i)
      row.band.style.left = `${position(mu - sigma)}%`
      row.band.style.width = `${position(mu + sigma) - position(mu - sigma)}%`
      row.mean.style.left = `${position(mu)}%`
      mark(row.other, mean)
      mark(row.dot, z)
      texts(i).forEach((text, k) => {
        row.numbers[k].textContent = text
      })
      if (this.choose) set(row.box, { "aria-pressed": i === chosen })
    })
  }

  /** @param {number} zDim */
  build(zDim) {
    this.root.className = zDim > MANY_ROWS ? "rows many" : "rows"
    this.root.dataset.heads = this.heads.join(", ")
    this.root.style.setProperty("--numbers", String(this.heads.length))
    this.rows = Array.from({ length: zDim }, (_, i) => this.row(i))
    const heads = this.heads.map((head) => element("span", { class: "number" }, [head]))
    const line = [
      element("span", {}, ["−4"]),
      element("span", {}, ["0"]),
      element("span", {}, ["4"]),
    ]
    const scale = element("span", { class: "scale" }, line)
    const head = element("div", { class: "row head", "aria-hidden": "true" }, [
      element("span"),
      scale,
      ...heads,
    ])
    const body = element(
      "div",
      { class: "body" },
      this.rows.map(({ box }) => box),
    )
    this.root.replaceChildren(head, body)
  }

  /** @param {number} i */
  row(i) {
    const [prior, band, other, mean, dot] = ["prior", "band", "other", "mean", "dot"].map((name) =>
      element("span", { class: name }),
    )
    const numbers = this.heads.map(() => element("span", { class: "number" }))
    const { choose } = this
    const box = element(choose ? "button" : "div", { class: "row" }, [
      element("span", { class: "name" }, [`z${i}`]),
      element("span", { class: "track", "aria-hidden": "true" }, [prior, band, other, mean, dot]),
      ...numbers,
    ])
    if (choose) {
      set(box, { type: "button" })
      box.addEventListener("click", () => choose(i))
    }
    return { box, band, other, mean, dot, numbers }
  }
}

/**
 * @param {HTMLElement} span
 * @param {number | undefined} value
 */
function mark(span, value) {
  span.hidden = value === undefined
  if (value !== undefined) span.style.left = `${position(value)}%`
}

/** @param {number} value */
function position(value) {
  return 50 * (1 + Math.max(-1, Math.min(1, value / ROW_REACH)))
}
