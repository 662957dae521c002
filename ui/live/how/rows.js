// The dimensions of z as rows: a name, μ ± σ on a line from -4 to 4, and numbers. A row is a button
// that chooses its dimension.

import { element } from "../dom.js"

const ROW_REACH = 4 // As the rows of the Draw page.
const MANY_ROWS = 12 // More rows than these are in two columns.

export class LatentRows {
  // `choose(i)` is called when dimension i is chosen; without it the rows are no buttons. `heads`
  // are the names of the numbers.
  constructor(root, heads, choose = null) {
    this.root = root
    this.heads = heads
    this.choose = choose
    this.rows = []
  }

  // `marks(i)` says where the dimension has its {mu, sigma} and, if they are to be shown, its
  // other {mean} and its {z}; `texts(i)` are its numbers as text.
  show(zDim, chosen, marks, texts) {
    if (this.rows.length !== zDim) this.build(zDim)
    this.rows.forEach((row, i) => {
      const { mu, sigma, mean = null, z = null } = marks(i)
      row.band.style.left = `${position(mu - sigma)}%`
      row.band.style.width = `${position(mu + sigma) - position(mu - sigma)}%`
      row.mean.style.left = `${position(mu)}%`
      mark(row.other, mean)
      mark(row.dot, z)
      texts(i).forEach((text, k) => { row.numbers[k].textContent = text })
      if (this.choose) row.box.setAttribute("aria-pressed", i === chosen)
    })
  }

  build(zDim) {
    this.root.className = zDim > MANY_ROWS ? "rows many" : "rows"
    this.root.dataset.heads = this.heads.join(", ")
    this.root.style.setProperty("--numbers", this.heads.length)
    this.rows = Array.from({ length: zDim }, (_, i) => this.row(i))
    const heads = this.heads.map((head) => element("span", { class: "number" }, [head]))
    const line = [element("span", {}, ["−4"]), element("span", {}, ["0"]), element("span", {}, ["4"])]
    const scale = element("span", { class: "scale" }, line)
    const head = element("div", { class: "row head", "aria-hidden": "true" }, [
      element("span"),
      scale,
      ...heads,
    ])
    const body = element("div", { class: "body" }, this.rows.map(({ box }) => box))
    this.root.replaceChildren(head, body)
  }

  row(i) {
    const [prior, band, other, mean, dot] = ["prior", "band", "other", "mean", "dot"].map((name) =>
      element("span", { class: name }),
    )
    const numbers = this.heads.map(() => element("span", { class: "number" }))
    const box = element(this.choose ? "button" : "div", { class: "row" }, [
      element("span", { class: "name" }, [`z${i}`]),
      element("span", { class: "track", "aria-hidden": "true" }, [prior, band, other, mean, dot]),
      ...numbers,
    ])
    if (this.choose) {
      box.type = "button"
      box.addEventListener("click", () => this.choose(i))
    }
    return { box, band, other, mean, dot, numbers }
  }
}

function mark(span, value) {
  span.hidden = value === null
  if (value !== null) span.style.left = `${position(value)}%`
}

function position(value) {
  return 50 * (1 + Math.max(-1, Math.min(1, value / ROW_REACH)))
}
