// The elements of the Draw page's stages: built once, then filled with what the model computes.

import { element, percent } from "../components/dom.js"
import { View } from "../components/view.js"
import { argmax } from "../engine/maths.js"
import { blank, paintDifference, paintGray } from "./gray.js"
import { LatentList } from "./latents.js"
import { aboutDigits, aboutImage, aboutLatents, aboutRedrawing } from "./stage_texts.js"

/** @import { Host } from "../components/view.js" */
/** @import { DrawData } from "./stages.js" */

/**
 * @typedef {object} Code
 * @property {Float32Array | null} x what the model sees, (784,), or null if nothing is drawn
 * @property {Float32Array} mu the encoder's, (zDim,); without x the prior's
 * @property {Float32Array} sigma as mu
 * @property {Float32Array} z on the screen, (zDim,)
 * @property {Float32Array | null} noise the ε that z was sampled with, if it was
 * @property {Float32Array} redrawn what z is decoded to, (784,)
 * @property {number} kl nats
 * @property {number} cost of the reconstruction, nats
 */

export const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** @extends {View<DrawData>} */
export class StageView extends View {
  zDim = 0
  sureAbove = 0
  /** @type {LatentList} */
  list
  /** The costs of the drawing as decoded from μ, nats. */
  ownCost = 0

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   * @param {(i: number, value: number) => void} move called while a visitor moves dimension i of z
   */
  constructor(root, host, move) {
    super(root, host)
    this.move = move
    this.bars = DIGITS.map(barRow)
    this.part("bars tbody").replaceChildren(...this.bars.map(({ row }) => row))
    this.strip = DIGITS.map((digit) => {
      const label = `This z drawn as ${digit}`
      const canvas = element("canvas", { width: 28, height: 28, role: "img", "aria-label": label })
      const caption = element("figcaption", {}, [String(digit)])
      return { canvas, figure: element("figure", {}, [canvas, caption]) }
    })
    this.part("strip").replaceChildren(...this.strip.map(({ figure }) => figure))
    for (const details of root.querySelectorAll("details")) {
      host.on(details, "focusout", (event) => {
        if (!details.contains(event.relatedTarget)) details.open = false
      })
      host.on(details, "keydown", (event) => {
        if (event.key === "Escape") details.open = false
      })
    }
  }

  /**
   * Show what depends on the model alone.
   * @param {DrawData} data
   */
  update({ zDim, labelled, sureAbove, likelihood }) {
    this.sureAbove = sureAbove
    this.part("bars").style.setProperty("--sure", String(sureAbove))
    this.showIf("gaussian", likelihood === "gaussian")
    this.showIf("bernoulli", likelihood === "bernoulli")
    this.showIf("if-labelled", labelled)
    this.showIf("if-unlabelled", !labelled)
    if (this.zDim === zDim) return
    this.zDim = zDim
    this.list = new LatentList(this.part("latents"), zDim, this.host, this.move)
    this.say("count", zDim)
    this.say("plural", zDim === 1 ? "" : "s")
  }

  /** @type {(name: string, isShown: boolean) => void} */
  showIf(name, isShown) {
    for (const part of this.root.querySelectorAll(`.${name}`)) {
      part.toggleAttribute("hidden", !isShown)
    }
  }

  /** @param {string} name */
  canvas(name) {
    return /** @type {HTMLCanvasElement} */ (this.part(name))
  }

  /**
   * @param {Float32Array | null} x what the model sees, (784,)
   * @param {Float32Array} probability the classifier's, (10,)
   * @param {boolean} isTestDigit
   */
  showImage(x, probability, isTestDigit) {
    this.root.classList.toggle("empty", !x)
    if (x) paintGray(this.canvas("image"), x)
    else blank(this.canvas("image"))
    this.say("about-image", x ? aboutImage(x) : "Nothing is drawn yet.")
    this.showIf("from-drawing", !isTestDigit)
    this.showIf("from-test-set", isTestDigit)
    const likeliest = x ? argmax(probability) : -1
    for (const digit of DIGITS) {
      const { row, bar, number } = this.bars[digit]
      bar.style.width = `${100 * probability[digit]}%`
      number.textContent = x ? percent(probability[digit]) : ""
      row.classList.toggle("likeliest", digit === likeliest)
      this.strip[digit].figure.classList.toggle("likeliest", digit === likeliest)
    }
    this.say("about-digits", x ? aboutDigits(probability, this.sureAbove) : "")
  }

  /**
   * Show z and what it is decoded to.
   * @param {Code} code
   */
  showCode(code) {
    const { x, mu, sigma, z, redrawn, kl, cost } = code
    const atMean = z.every((value, i) => value === mu[i])
    this.list.show(mu, sigma, z)
    this.say("about-latents", aboutLatents(code))
    this.field("sample").disabled = this.field("use").disabled = false
    this.field("back").disabled = atMean
    if (!x) {
      for (const name of ["redrawn", "difference"]) blank(this.canvas(name))
      for (const name of ["cost", "kl", "about-redrawing"]) this.say(name, "")
      return
    }
    paintGray(this.canvas("redrawn"), redrawn)
    paintDifference(this.canvas("difference"), x, redrawn)
    if (atMean) this.ownCost = cost
    this.say("cost", cost.toFixed(1))
    this.say("kl", kl.toFixed(1))
    this.say("about-redrawing", aboutRedrawing(cost - this.ownCost, atMean))
  }

  /** Until there is a model again, z cannot be changed. */
  lock() {
    for (const name of ["sample", "back", "use"]) this.field(name).disabled = true
  }

  /**
   * The same z as each digit.
   * @param {Float32Array} images (10 · 784,)
   */
  showDigits(images) {
    for (const digit of DIGITS) paintGray(this.strip[digit].canvas, images, 784 * digit)
  }
}

/** @param {number} digit */
function barRow(digit) {
  const bar = element("span", { class: "bar" })
  const number = element("td", { class: "number" })
  const row = element("tr", {}, [
    element("th", { scope: "row" }, [String(digit)]),
    element("td", { class: "share" }, [bar]),
    number,
  ])
  return { row, bar, number }
}
