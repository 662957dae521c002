// Step 4: the error of each pixel of the reconstruction, and the mean of many digits, which is
// blurred.

import { element, percent, set, signed } from "../../components/dom.js"
import { component } from "../../components/view.js"
import { paintDifference, paintGray } from "../../draw/gray.js"
import { pixelCosts } from "../../engine/loss.js"
import { argmax, normal, sigmoid, total } from "../../engine/maths.js"
import { StepView } from "../step_view.js"

const SIDE = 28
const PIXELS = SIDE * SIDE
const MOST = 64 // Samples of which the mean is taken; more than two.
const COSTLIEST = 20
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const MEANS = ["one", "outcome", "mean", "first", "second", "both", "many"]

/** @import { Host } from "../../components/view.js" */
/** @import { Numbers } from "../../engine/maths.js" */
/** @import { Params } from "../../engine/plan.js" */
/** @import { Followed, PageData } from "../image.js" */

class DecodeView extends StepView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.redrawn = new Float32Array()
    this.costs = new Float64Array()
    this.posterior = new Float32Array()
    this.outcome = new Float32Array()
    this.prior = new Float32Array()
    this.pixel = 0
    for (const frame of this.root.querySelectorAll(".frame")) {
      const follow = host.guard((event) => this.point(frame, event))
      frame.addEventListener("pointermove", follow)
      frame.addEventListener("pointerdown", follow)
    }
    /** @type {NodeListOf<HTMLElement>} */
    this.markers = this.root.querySelectorAll(".pixel")
    // One stop for the keyboard is enough: the three pictures show the same pixel.
    this.pad = /** @type {HTMLElement} */ (this.part("difference").parentElement)
    set(this.pad, {
      tabindex: 0,
      role: "slider",
      "aria-label": "The chosen pixel, by the arrow keys",
      "aria-valuemin": 0,
      "aria-valuemax": PIXELS - 1,
    })
    this.pad.addEventListener(
      "keydown",
      host.guard((event) => this.step(event)),
    )
    this.means = Object.fromEntries(MEANS.map((name) => [name, captioned()]))
    this.part("means").append(...MEANS.map((name) => this.means[name].figure))
    this.on("count", "input", () => this.showMeans())
    this.on("again", "click", () => this.draw())
  }

  /** @param {Followed<PageData>} image */
  show(image) {
    const { model, x, mu, prob } = image
    const logits = model.decodeLogits(mu, prob)
    this.redrawn = logits.map(sigmoid)
    this.costs = pixelCosts(x, logits, model.params)
    paintGray(this.part("x"), x)
    paintGray(this.part("redrawn"), this.redrawn)
    this.say("x-grays", grays(x))
    this.say("redrawn-grays", grays(this.redrawn))
    paintDifference(this.part("difference"), x, this.redrawn)
    this.part("x").setAttribute("aria-label", `The image x: ${image.title}`)
    this.part("redrawn").setAttribute("aria-label", "Its reconstruction")
    this.part("difference").setAttribute("aria-label", "The error of each pixel")
    const sorted = [...this.costs].sort((a, b) => b - a)
    const sum = total(this.costs)
    const share = total(sorted.slice(0, COSTLIEST)) / sum
    this.say("total", `${sum.toFixed(1)} nats`)
    this.say("share", `The ${COSTLIEST} costliest pixels make ${percent(share)} of it.`)
    this.choose(this.costs.indexOf(sorted[0]))
    this.draw()
  }

  /**
   * Choose the pixel below the pointer.
   * @param {Element} frame
   * @param {PointerEvent} event
   */
  point(frame, event) {
    const box = frame.getBoundingClientRect()
    /** @type {(offset: number, size: number) => number} */
    const at = (offset, size) => Math.max(0, Math.min(SIDE - 1, Math.floor((SIDE * offset) / size)))
    const column = at(event.clientX - box.left, box.width)
    this.choose(SIDE * at(event.clientY - box.top, box.height) + column)
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const direction = STEPS[event.key]
    if (!direction) return
    event.preventDefault()
    const column = Math.max(0, Math.min(SIDE - 1, (this.pixel % SIDE) + direction[0]))
    const row = Math.max(0, Math.min(SIDE - 1, Math.floor(this.pixel / SIDE) + direction[1]))
    this.choose(SIDE * row + column)
  }

  /** @param {number} pixel its index */
  choose(pixel) {
    this.pixel = pixel
    const [row, column] = [Math.floor(pixel / SIDE), pixel % SIDE]
    for (const marker of this.markers) {
      marker.style.left = `${(100 * column) / SIDE}%`
      marker.style.top = `${(100 * row) / SIDE}%`
    }
    const [original, drawn] = [this.image.x[pixel], this.redrawn[pixel]]
    this.say("place", `row ${row}, column ${column}`)
    this.say("true", original.toFixed(2))
    this.say("drawn", drawn.toFixed(2))
    this.say("signed", signed(drawn - original))
    this.say("cost", `${this.costs[pixel].toFixed(2)} nats`)
    const words = `row ${row}, column ${column}: x ${original.toFixed(2)}, x̂ ${drawn.toFixed(2)}`
    const text = `${words}, cost ${this.costs[pixel].toFixed(2)} nats`
    set(this.pad, { "aria-valuenow": pixel, "aria-valuetext": text })
  }

  // Other samples of q(z | x) and of the prior.
  draw() {
    const { model, mu, sigma, prob } = this.image
    const epsilon = () => Float32Array.from({ length: MOST * mu.length }, normal)
    const labels = Float32Array.from(
      { length: MOST * prob.length },
      (_, i) => prob[i % prob.length],
    )
    const width = mu.length
    const own = epsilon().map((value, k) => mu[k % width] + sigma[k % width] * value)
    this.posterior = model.decode(own, labels)
    this.prior = model.decode(epsilon(), labels)
    this.outcome = outcome(this.posterior.subarray(0, PIXELS), model.params)
    this.showMeans()
  }

  showMeans() {
    const count = Number(this.field("count").value)
    this.say("count-value", count)
    const digit = this.image.model.labelled ? ` as ${argmax(this.image.prob)}` : ""
    const first = this.prior.subarray(0, PIXELS)
    const second = this.prior.subarray(PIXELS, 2 * PIXELS)
    const both = meanOf(this.prior, 2)
    /** @type {Record<string, [Float32Array, string]>} */
    const shown = {
      one: [this.posterior.subarray(0, PIXELS), "one z of q(z | x)"],
      outcome: [this.outcome, "a sample of p(x | z) there"],
      mean: [meanOf(this.posterior, count), `mean of ${count} of them`],
      first: [first, `A: one z of the prior${digit}`],
      second: [second, "B: another one"],
      both: [both, "mean of A and B"],
      many: [meanOf(this.prior, count), `mean of ${count} such z`],
    }
    for (const [name, [pixels, text]] of Object.entries(shown)) {
      const { canvas, caption } = this.means[name]
      paintGray(canvas, pixels)
      canvas.setAttribute("aria-label", text)
      caption.textContent = `${text}: ${grays(pixels)} gray pixels`
    }
    const apart = squared(first, second)
    const halfway = squared(first, both)
    this.say(
      "means-text",
      "Gray: between 0.1 and 0.9. If x may be A or B, each as likely, drawing A has a squared " +
        `error of 0 or ${apart.toFixed(1)}, ${(apart / 2).toFixed(1)} on average; drawing the mean ` +
        `has ${halfway.toFixed(1)} every time, which is less. A cross-entropy is least at the mean, too.`,
    )
  }
}

/**
 * A sample of p(x | z): noise around the mean x̂, or each pixel white with the probability x̂.
 * @param {Float32Array} mean
 * @param {Params} params
 */
function outcome(mean, { likelihood, decoder_std: std }) {
  if (likelihood === "bernoulli") return mean.map((value) => Number(Math.random() < value))
  return mean.map((value) => Math.min(Math.max(value + std * normal(), 0), 1))
}

function captioned() {
  const canvas = element("canvas", { width: SIDE, height: SIDE, role: "img" })
  const caption = element("figcaption")
  return { canvas, caption, figure: element("figure", {}, [canvas, caption]) }
}

/**
 * The mean of the first `count` images.
 * @param {Float32Array} images
 * @param {number} count
 */
function meanOf(images, count) {
  return Float32Array.from({ length: PIXELS }, (_, pixel) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += images[PIXELS * i + pixel]
    return sum / count
  })
}

/** @param {Float32Array} pixels */
function grays(pixels) {
  return pixels.filter((value) => value > 0.1 && value < 0.9).length
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function squared(a, b) {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
}

export default component(DecodeView)
