// The choices below the map: which digits, which projection.

import { digitColor } from "../../components/colors.js"
import { element, set } from "../../components/dom.js"
import { View } from "../../components/view.js"

/** @import { Host } from "../../components/view.js" */
/** @import { Projection } from "./points.js" */

/** @type {Record<Projection, {name: string, title: string}>} */
const PROJECTIONS = {
  plane: { name: "z0 and z1", title: "" },
  pca: { name: "PCA", title: "The two directions in which μ varies most" },
  neighbours: { name: "Neighbours", title: "An embedding that keeps images with near μ together" },
}

/**
 * What they do.
 * @typedef {object} Choose
 * @property {() => void} digits
 * @property {(projection: Projection) => void} projection
 */

export class Controls extends View {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {Choose} choose
   */
  constructor(root, host, choose) {
    super(root, host)
    this.choose = choose
    this.shown = new Array(10).fill(true)
    this.swatches = Array.from({ length: 10 }, (_, digit) => {
      const style = `background-color: ${digitColor(digit)}`
      return element("span", { class: "swatch", style })
    })
    this.all = element("button", { type: "button" }, ["All"])
    this.digits = this.swatches.map((swatch, digit) => {
      const given = { type: "button", "aria-label": `Digit ${digit}` }
      return element("button", given, [swatch, String(digit)])
    })
    this.part("legend").replaceChildren(this.all, ...this.digits)
    host.on(this.all, "click", () => this.chooseDigits([]))
    for (const [digit, button] of this.digits.entries()) {
      host.on(button, "click", () => {
        const { chosen } = this
        const rest = chosen.filter((other) => other !== digit)
        this.chooseDigits(rest.length < chosen.length ? rest : [...chosen, digit])
      })
    }
  }

  // The digits that are chosen; none if all are shown.
  /** @type {number[]} */
  get chosen() {
    return this.shown.every(Boolean) ? [] : this.shown.flatMap((yes, i) => (yes ? [i] : []))
  }

  /** @param {number[]} digits */
  chooseDigits(digits) {
    this.showDigits(digits)
    this.choose.digits()
  }

  /** @param {number[]} digits */
  showDigits(digits) {
    const all = digits.length % 10 === 0
    this.shown = Array.from({ length: 10 }, (_, digit) => all || digits.includes(digit))
    set(this.all, { "aria-pressed": all })
    for (const [digit, button] of this.digits.entries()) {
      set(button, { "aria-pressed": !all && this.shown[digit] })
    }
  }

  /**
   * @param {Projection[]} names
   * @param {Projection | null} current
   */
  showProjections(names, current) {
    const place = this.part("projections")
    place.hidden = names.length < 2
    const buttons = names.map((projection) => {
      const { name, title } = PROJECTIONS[projection]
      const pressed = projection === current
      const button = element("button", { type: "button", "aria-pressed": pressed, title }, [name])
      this.host.on(button, "click", () => this.choose.projection(projection))
      return button
    })
    const focused = [...place.children].findIndex((button) => button.matches(":focus"))
    place.replaceChildren(...buttons)
    buttons[focused]?.focus()
  }

  // The ten colours of the present theme, as numbers ABGR.
  get colours() {
    return Uint32Array.from(this.swatches, (swatch) => {
      const rgb = getComputedStyle(swatch).backgroundColor.match(/[\d.]+/g) ?? []
      const [r, g, b] = rgb.map(Number)
      return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0
    })
  }
}
