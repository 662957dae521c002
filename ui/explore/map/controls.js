// The choices below the map: which digits, which projection.

import { digitColor } from "../../components/colors.js"
import { element } from "../../components/dom.js"

const NAMES = { pca: "PCA", neighbours: "Neighbours", plane: "z0 and z1" }
const TITLES = {
  pca: "The two directions in which μ varies most",
  neighbours: "An embedding that keeps images with near μ together",
}

export class Controls {
  // `on`: digits(shown) with ten booleans, projection(name).
  constructor(root, on, guard) {
    this.on = on
    this.legend = root.querySelector(".legend")
    this.projections = root.querySelector(".projections")
    this.shown = new Array(10).fill(true)
    this.everything = element("button", { type: "button" }, ["All"])
    this.digits = Array.from({ length: 10 }, (_, digit) => {
      const style = `background-color: ${digitColor(digit)}`
      const swatch = element("span", { class: "swatch", style })
      return element("button", { type: "button", "aria-label": `Digit ${digit}` }, [
        ...[swatch, String(digit)],
      ])
    })
    this.swatches = this.digits.map((button) => button.firstChild)
    this.legend.replaceChildren(this.everything, ...this.digits)
    this.everything.addEventListener("click", guard(() => this.choose([])))
    this.digits.forEach((button, digit) => {
      button.addEventListener("click", guard(() => {
        const chosen = this.chosen
        const rest = chosen.filter((other) => other !== digit)
        this.choose(rest.length < chosen.length ? rest : [...chosen, digit])
      }))
    })
    this.guard = guard
  }

  // The digits that are chosen; none if all are shown.
  get chosen() {
    return this.shown.every(Boolean) ? [] : this.shown.flatMap((yes, i) => (yes ? [i] : []))
  }

  choose(digits) {
    this.showDigits(digits)
    this.on.digits(this.shown)
  }

  showDigits(digits) {
    const all = digits.length % 10 === 0
    this.shown = Array.from({ length: 10 }, (_, digit) => all || digits.includes(digit))
    this.everything.setAttribute("aria-pressed", all)
    this.digits.forEach((button, digit) => {
      button.setAttribute("aria-pressed", !all && this.shown[digit])
    })
  }

  showProjections(names, current) {
    this.projections.hidden = names.length < 2
    const buttons = names.map((name) => {
      const pressed = name === current
      const given = { type: "button", "aria-pressed": pressed, title: TITLES[name] ?? "" }
      const button = element("button", given, [NAMES[name]])
      button.addEventListener("click", this.guard(() => this.on.projection(name)))
      return button
    })
    const focused = [...this.projections.children].indexOf(this.legend.getRootNode().activeElement)
    this.projections.replaceChildren(...buttons)
    buttons[focused]?.focus()
  }

  // The ten colours of the present theme, as numbers ABGR.
  colours() {
    return Uint32Array.from(this.swatches, (swatch) => {
      const [r, g, b] = getComputedStyle(swatch).backgroundColor.match(/[\d.]+/g).map(Number)
      return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0
    })
  }
}
