// Step 6: what the classifier says of the image, beside what the decoder says by Bayes' rule with
// its ten ELBOs.

import { element, percent, set, signed } from "../../components/dom.js"
import { decoded } from "../../components/numbers.js"
import { component } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import { digitElbos, digitPosterior } from "../../engine/loss.js"
import { argmax, softmax } from "../../engine/maths.js"
import { StepView } from "../step_view.js"

/** @import { Host } from "../../components/view.js" */
/** @import { Model } from "../../engine/engine.js" */
/** @import { Followed, PageData } from "../image.js" */

/**
 * Figures of test images: `vae/analysis/readings.py`.
 * @typedef {object} Readings
 * @property {number} images how many
 * @property {number} classifier accuracy
 * @property {number} decoder accuracy
 * @property {number} differ on how many they differ
 * @property {number} classifier_right of these
 * @property {number} decoder_right of these
 * @property {number[]} where indices of some of these
 */

/**
 * @typedef {object} OfReadings
 * @property {string} eps of the ELBOs, base64
 * @property {number[]} logPrior log p(y), (10,)
 * @property {Readings | null} readings
 * @property {string} images those at `where`, base64
 */

/** @typedef {PageData & OfReadings} ReadingsData */

/** @typedef {[number, number | null]} Answers the classifier's and, if it has one, the decoder's */

/** @extends {StepView<ReadingsData>} */
class ReadingsView extends StepView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.rows = Array.from({ length: 10 }, (_, digit) => row(digit))
    this.part("rows").replaceChildren(...this.rows.map(({ box }) => box))
  }

  /** @param {Followed<ReadingsData>} image */
  show(image) {
    const { model, x, logits, data } = image
    const { elbos, images } = digitElbos(model, x, decoded(data.eps))
    const byDecoder = digitPosterior(elbos, data.logPrior)
    const byClassifier = softmax(logits, model.temperature)
    /** @type {Answers} */
    const answers = [argmax(byClassifier), model.labelled ? argmax(byDecoder) : null]
    const highest = Math.max(...elbos)
    this.rows.forEach(({ box, canvas, shares, elbo }, digit) => {
      paintGray(canvas, images, 784 * digit)
      ;[byClassifier, byDecoder].forEach((values, i) => {
        shares[i].fill.style.width = `${100 * values[digit]}%`
        shares[i].text.textContent = percent(values[digit])
        shares[i].box.classList.toggle("best", digit === answers[i])
      })
      elbo.textContent = signed(elbos[digit], 1)
      box.classList.toggle("read", answers.includes(digit))
    })
    paintGray(this.part("x"), x)
    this.part("x").setAttribute("aria-label", image.title)
    this.say("verdict", verdict(answers, image))
    this.say("why", why(model, elbos, highest))
    this.showReadings(data.readings)
    this.showJumps(data, image)
  }

  /** @param {Readings | null} found */
  showReadings(found) {
    this.part("measured").hidden = !found
    if (!found) return
    const { images, classifier, decoder, differ } = found
    const set = images === 10000 ? "the 10,000 test images" : `the first ${images} test images`
    this.say("measured-title", `Read rightly of ${set}`)
    const accuracies = [classifier, decoder]
    /** @type {NodeListOf<HTMLElement>} */
    const fills = this.root.querySelectorAll(".accuracy .fill")
    for (const [i, fill] of fills.entries()) {
      fill.style.width = `${100 * accuracies[i]}%`
    }
    // Two decimals: the accuracies of good models differ in the second.
    this.say("classifier", `${(100 * classifier).toFixed(2)}\u00a0%`)
    this.say("decoder", `${(100 * decoder).toFixed(2)}\u00a0%`)
    const { classifier_right: first, decoder_right: second } = found
    const neither = differ - first - second
    this.say(
      "differ",
      `They differ on ${differ}: there the classifier is right ${first} times, the decoder ${second} times, neither ${neither} times.`,
    )
  }

  /**
   * @param {ReadingsData} data
   * @param {Followed<ReadingsData>} image
   */
  showJumps({ readings: found, images }, { label, title }) {
    this.part("jumps").hidden = !found?.where.length
    if (!found) return
    const pixels = decoded(images)
    const buttons = found.where.map((index, i) => {
      const canvas = element("canvas", { width: 28, height: 28 })
      paintGray(canvas, pixels, 784 * i)
      const name = `Test digit ${index}`
      const button = element("button", { type: "button", "aria-label": name, title: name }, [
        canvas,
      ])
      const current = label !== null && title.startsWith(`test digit ${index},`)
      set(button, { "aria-current": current })
      button.addEventListener(
        "click",
        this.host.guard(() => this.host.trigger("go", index)),
      )
      return button
    })
    this.part("thumbs").replaceChildren(...buttons)
  }
}

/** @param {number} digit */
function row(digit) {
  const canvas = element("canvas", { width: 28, height: 28, role: "img" })
  canvas.setAttribute("aria-label", `The image as reconstructed under the label ${digit}`)
  const shares = ["fill grey", "fill"].map((name) => {
    const fill = element("span", { class: name })
    const text = element("span")
    const box = element("span", { class: "share" }, [
      element("span", { class: "lane" }, [fill]),
      text,
    ])
    return { box, fill, text }
  })
  const elbo = element("span")
  const name = element("span", { class: "name" }, [String(digit)])
  const box = element("div", { class: "reading" }, [
    name,
    canvas,
    ...shares.map((s) => s.box),
    elbo,
  ])
  return { box, canvas, shares, elbo }
}

/**
 * @param {Answers} answers
 * @param {Followed<ReadingsData>} image
 */
function verdict([classifier, decoder], { label, model }) {
  if (!model.labelled) return `The classifier reads ${classifier}. The decoder cannot say.`
  const known = label === null ? "" : ` It is labelled ${label}.`
  if (classifier === decoder) return `Both read ${classifier}.${known}`
  return `They differ: the classifier reads ${classifier}, the decoder ${decoder}.${known}`
}

/**
 * @param {Model} model
 * @param {Float64Array} elbos
 * @param {number} highest of them
 */
function why(model, elbos, highest) {
  if (!model.labelled) {
    return "This model's decoder gets z and no digit. It draws the same for each y, so the ten ELBOs are equal and only the prior p(y) is left."
  }
  const order = [...elbos].sort((a, b) => b - a)
  const lead = highest - order[1]
  const odds = lead < 13 ? thousands(Math.exp(lead)) : powerOfTen(lead / Math.LN10)
  const own = `The best ELBO is ${lead.toFixed(1)} nats above the second: a factor of ${odds}.`
  return model.params.decoder_sees === "predicted"
    ? `${own} This decoder learned from the classifier's probabilities and its encoder gets no digit: z holds some of the digit, and y matters less to it.`
    : own
}

/** @param {number} value */
function thousands(value) {
  return Number(value.toPrecision(2)).toLocaleString("en")
}

/** @param {number} exponent */
function powerOfTen(exponent) {
  /** @param {string} digit */
  const raised = (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]
  return `about 10${[...exponent.toFixed(0)].map(raised).join("")}`
}

export default component(ReadingsView)
