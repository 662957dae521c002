// A scale with two pans: a weight in each, whose area is its value, and a beam that tilts.

import { make, set } from "../../components/svg.js"

const ARM = 130
const [PIVOT_X, PIVOT_Y] = [200, 30]
const MAX_TILT = 14 // Degrees.
const LARGEST = 62 // The side of the larger weight.

export class Scale {
  /**
   * @param {HTMLElement} root
   * @param {string} label
   */
  constructor(root, label) {
    const svg = make("svg", { viewBox: "0 0 400 190", role: "img", "aria-label": label })
    this.beam = make("g", { class: "beam" })
    this.beam.append(
      make("path", { class: "wood", d: `M${PIVOT_X - ARM} ${PIVOT_Y}H${PIVOT_X + ARM}` }),
    )
    this.pans = ["left", "right"].map((side) => {
      const pan = make("g", { class: side })
      const weight = make("rect", { class: "weight", rx: 3 })
      pan.append(
        make("path", { class: "rope", d: "M-44 98L0 0L44 98" }),
        weight,
        make("path", { class: "dish", d: "M-58 98H58Q46 112 0 112Q-46 112 -58 98Z" }),
      )
      return { pan, weight }
    })
    svg.append(
      make("path", { class: "wood", d: `M${PIVOT_X} ${PIVOT_Y}V180M150 182H250` }),
      this.beam,
      ...this.pans.map(({ pan }) => pan),
    )
    root.replaceChildren(svg)
  }

  /**
   * Both values in the same unit, 0 or more.
   * @param {number} left
   * @param {number} right
   */
  show(left, right) {
    const sum = left + right
    const lean = sum > 0 ? (left - right) / sum : 0
    // Also a small difference is seen.
    const tilt = MAX_TILT * Math.sign(lean) * Math.sqrt(Math.abs(lean))
    this.beam.style.transform = `rotate(${-tilt}deg)`
    const radians = (tilt * Math.PI) / 180
    const ends = [-1, 1].map((side) => [
      PIVOT_X + side * ARM * Math.cos(radians),
      PIVOT_Y - side * ARM * Math.sin(radians),
    ])
    const largest = Math.max(left, right, 1e-9)
    this.pans.forEach(({ pan, weight }, i) => {
      pan.style.transform = `translate(${ends[i][0]}px, ${ends[i][1]}px)`
      const side = LARGEST * Math.sqrt(Math.max(0, [left, right][i]) / largest)
      set(weight, { x: -side / 2, y: 98 - side, width: side, height: side })
    })
  }
}
