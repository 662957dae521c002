// Step 3: the same z under ten labels, and what a wrong label does to z and to the reconstruction.

import { element, percent, set, signed } from "../../components/dom.js"
import { contribute } from "../../components/link.js"
import { component } from "../../components/view.js"
import { paintDifference, paintGray } from "../../draw/gray.js"
import { imageCost } from "../../engine/loss.js"
import { klPerDimension, oneHot, sigmoid, softmax, total } from "../../engine/maths.js"
import { sigmaOf } from "../image.js"
import { LatentRows } from "../rows.js"
import { StepView } from "../step_view.js"

const LABELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
/** @type {Record<string, number>} */
const TURNS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: 9, ArrowUp: 9 }

/** @import { Host } from "../../components/view.js" */
/** @import { Followed, PageData } from "../image.js" */

/** @typedef {PageData & {start?: number | null}} LabelData with the label to begin with */

/** @extends {StepView<LabelData>} */
class LabelView extends StepView {
  /**
   * What the visitor has chosen.
   * @type {number | undefined}
   */
  chosen

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.likeliest = 0
    this.told = 0
    this.choices = LABELS.map((digit) => {
      const canvas = element("canvas", { width: 28, height: 28, "aria-hidden": "true" })
      const cost = element("span")
      const attributes = { type: "button", role: "radio", "aria-label": `Label ${digit}` }
      const button = element("button", attributes, [
        canvas,
        element("b", {}, [String(digit)]),
        cost,
      ])
      button.addEventListener(
        "click",
        host.guard(() => this.choose(digit)),
      )
      return { button, canvas, cost }
    })
    this.part("ten").append(...this.choices.map(({ button }) => button))
    this.on("ten", "keydown", (event) => this.turn(event))
    this.rows = new LatentRows(this.part("list"), ["before", "now"])
    this.leave = contribute("how_label", () => this.chosen?.toString() ?? null)
  }

  close() {
    super.close()
    this.leave()
  }

  /** @param {Followed<LabelData>} image */
  show(image) {
    const labelled = image.model.labelled
    for (const name of ["labelled", "told", "moved"]) this.part(name).hidden = !labelled
    this.part("unlabelled").hidden = labelled
    if (!labelled) return this.showAlone()
    const order = [...LABELS].sort((a, b) => image.prob[b] - image.prob[a])
    this.likeliest = order[0]
    paintGray(this.part("x"), image.x)
    const z = new Float32Array(10 * image.mu.length)
    const labels = new Float32Array(100)
    for (const digit of LABELS) {
      z.set(image.mu, digit * image.mu.length)
      labels.set(oneHot(digit), 10 * digit)
    }
    const ten = image.model.decodeLogits(z, labels)
    for (const digit of LABELS) {
      const { canvas, cost, button } = this.choices[digit]
      const logits = ten.subarray(784 * digit, 784 * (digit + 1))
      paintGray(canvas, logits.map(sigmoid))
      cost.textContent = `${this.cost(logits).toFixed(0)} nats`
      button.classList.toggle("likeliest", digit === this.likeliest)
    }
    const confidence = Math.max(...softmax(image.logits, image.model.temperature))
    this.say(
      "same",
      `z = μ of ${image.title}, and below each digit its cost compared with x. The classifier ` +
        `says ${this.likeliest}, ${percent(confidence)}. Choose a wrong label:`,
    )
    this.tell(this.chosen ?? image.data.start ?? order[1])
  }

  // Without a label.
  showAlone() {
    const { model, x, mu, prob } = this.image
    const logits = model.decodeLogits(mu, prob)
    paintGray(this.part("alone-x"), x)
    paintGray(this.part("alone"), logits.map(sigmoid))
    this.say("alone-cost", `x̂ from z alone: ${this.cost(logits).toFixed(1)} nats`)
  }

  /** @param {KeyboardEvent} event */
  turn(event) {
    if (!(event.key in TURNS)) return
    event.preventDefault()
    this.choose((this.told + TURNS[event.key]) % 10)
    this.choices[this.told].button.focus()
  }

  /**
   * What a visitor has chosen stays with other images, and is in copied links.
   * @param {number} digit
   */
  choose(digit) {
    this.chosen = digit
    this.tell(digit)
  }

  /**
   * Give this label to the encoder, if it gets one, and to the decoder.
   * @param {number} digit
   */
  tell(digit) {
    this.told = digit
    this.choices.forEach(({ button }, i) => {
      set(button, { "aria-checked": i === digit })
      button.tabIndex = i === digit ? 0 : -1
    })
    const { model, x, mu, logVar, prob } = this.image
    const label = oneHot(digit)
    const told = model.encode(x, label)
    const own = model.decodeLogits(mu, prob)
    const wrong = model.decodeLogits(told.mu, label)
    const back = model.decodeLogits(told.mu, prob)
    paintGray(this.part("own"), own.map(sigmoid))
    paintGray(this.part("wrong"), wrong.map(sigmoid))
    paintGray(this.part("back"), back.map(sigmoid))
    paintDifference(this.part("difference"), x, wrong.map(sigmoid))
    const [costOwn, costWrong] = [this.cost(own), this.cost(wrong)]
    const [klOwn, klWrong] = [
      total(klPerDimension(mu, logVar)),
      total(klPerDimension(told.mu, told.logVar)),
    ]
    const sees = model.params.encoder_sees_label
    this.say("told-title", `${sees ? "Encoded and decoded" : "Decoded"} as a ${digit}`)
    this.say("own-cost", `as classified: ${costOwn.toFixed(1)} nats`)
    this.say("wrong-cost", `as a ${digit}: ${costWrong.toFixed(1)} nats`)
    this.say("back-cost", `the z of “${digit}”, drawn as a ${this.likeliest}`)
    for (const name of ["own", "wrong", "back"]) {
      set(this.part(name), { "aria-label": this.part(`${name}-cost`).textContent })
    }
    this.rows.show(
      mu.length,
      -1,
      (k) => ({ mu: told.mu[k], sigma: sigmaOf(told.logVar)[k], mean: mu[k] }),
      (k) => [signed(mu[k]), signed(told.mu[k])],
    )
    const distance = Math.hypot(...mu.map((value, k) => told.mu[k] - value))
    const more = costWrong - costOwn
    const rest = `The cost ${changed(costOwn, costWrong)} nats`
    this.say(
      "rest",
      sees
        ? `The encoder gets the label, so z moves by ${distance.toFixed(2)} and its KL divergence ` +
            `${changed(klOwn, klWrong)} nats: z now holds how this ${digit} is unusual. ${rest}: ` +
            (more > 1
              ? "the rise is what fits neither the label nor z."
              : "z makes up for the label.")
        : `This encoder does not get the label, so z stays as it is; only the decoder gets it. ` +
            `${rest}, and z cannot make up for it. With a model whose encoder gets the label, z moves.`,
    )
    const figure = this.part("back").closest("figure")
    if (figure) figure.hidden = !sees
    this.say(
      "legend",
      sees
        ? "Ring: μ for the classifier's probabilities. Line: μ for the label chosen. Band: σ around it."
        : "The two means are the same.",
    )
  }

  /** @param {Float32Array} logits */
  cost(logits) {
    return imageCost(this.image.x, logits, this.image.model.params)
  }
}

/**
 * @param {number} before
 * @param {number} after
 */
function changed(before, after) {
  const word = after > before ? "rises" : "falls"
  return `${word} from ${before.toFixed(1)} to ${after.toFixed(1)}`
}

export default component(LabelView)
