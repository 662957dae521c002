// The Draw page's model: what it sees, its probabilities, z and what it draws, beside the canvas.
//
// While the pen moves, the drawing is read from the canvas at each frame. What Python puts there,
// such as an example or a stroke less, comes in `data`.
//
// Triggers: use, see ui/components/handover.py.

import { contribute } from "../components/link.js"
import { decodedGrays } from "../components/numbers.js"
import { toGenerate } from "../components/to_generate.js"
import { component, View } from "../components/view.js"
import { imageCost } from "../engine/loss.js"
import { klPerDimension, normal, oneHot, sigmoid, softmax, total } from "../engine/maths.js"
import { model, peek } from "../engine/model_cache.js"
import { AnswerText } from "./answer.js"
import { CANVAS_SIDE, followPen, readCanvas } from "./pen.js"
import { toMnist } from "./preprocess.js"
import { DIGITS, StageView } from "./stage_view.js"

/** @import { Model } from "../engine/engine.js" */

/**
 * @typedef {object} DrawData
 * @property {string} model its id; zDim, labelled, sureAbove and likelihood are of this model
 * @property {number} zDim
 * @property {boolean} labelled
 * @property {number} sureAbove
 * @property {string} likelihood
 * @property {number} run of the page, by its number
 * @property {string} said the answer of this run
 * @property {number} revision how often something else than the pen has changed the drawing
 * @property {string | null} x the image, 784 bytes as base64, or null if nothing is drawn
 * @property {number | null} example the digit that it was labelled with if it is a test digit
 * @property {number[] | null} z what a link asks for with this drawing
 */

const GLIDE = 250 // Milliseconds that z takes to a sample, or back.

/** @extends {View<DrawData>} */
class DrawPage extends View {
  /** @type {DrawData | undefined} */
  data
  /** @type {Model | undefined} */
  model
  /** @type {Float32Array | null} as the next: see Code of stage_view.js */
  x = null
  /** @type {Float32Array} */
  mu
  /** @type {Float32Array} */
  sigma
  /** @type {Float32Array} */
  z
  /** @type {Float32Array | null} */
  noise = null
  /** @type {Float32Array} */
  redrawn
  kl = 0
  cost = 0
  /** @type {Float32Array} the probabilities that the decoder gets, (10,) */
  decoderProbability
  isTestDigit = false
  frame = 0

  answer = new AnswerText(this.part("said"))
  stages = new StageView(this.part("draw"), this.host, (i, value) => this.move(i, value))
  uncontribute = contribute("z", () => this.movedZ())

  listen() {
    this.on("sample", "click", () => this.sample())
    this.on("back", "click", () => this.glide(this.mu, null))
    this.on("use", "click", () => this.model && toGenerate(this.host, this.z))
    followPen(this.host, {
      down: () => this.answer.outdate(),
      moved: () => this.readPen(),
      up: () => this.answer.waitForAnswer(),
    })
  }

  close() {
    this.data = undefined
    this.stop()
    this.uncontribute()
    this.answer.close()
  }

  /** @param {DrawData} data */
  update(data) {
    const isNew = data.revision !== this.data?.revision
    const changed = isNew || data.model !== this.data?.model
    this.data = data
    this.stages.update(data)
    this.answer.update(data)
    if (!changed) return
    this.stop()
    if (isNew && !this.answer.penIsDown) {
      this.isTestDigit = data.example !== null
      this.x = data.x === null ? null : decodedGrays(data.x)
    }
    this.model = undefined
    const loaded = peek(data.model)
    if (loaded) return this.start(loaded, data)
    this.stages.lock()
    model(data.model)
      .then((model) => {
        if (this.data?.model === data.model && !this.model) this.start(model, this.data)
      })
      .catch(this.host.report)
  }

  /**
   * Read what Python put on the canvas; z is what a link asks for, or else μ.
   * @type {(model: Model, data: DrawData) => void}
   */
  start(model, data) {
    this.model = model
    this.read(model)
    if (!data.z) return
    this.z = Float32Array.from(data.z)
    this.redraw(model)
  }

  // For a link: z as text, exact for float32, if a visitor has moved it away from μ; else null.
  movedZ() {
    if (!this.model || this.z.every((value, i) => value === this.mu[i])) return null
    return Array.from(this.z, (value) => Number(value.toPrecision(9))).join()
  }

  readPen() {
    this.isTestDigit = false
    const ink = readCanvas()
    this.x = ink && toMnist(ink, CANVAS_SIDE)
    if (this.model) this.read(this.model)
  }

  /**
   * Classify and encode x; z is μ. Without x they are those of the prior.
   * @param {Model} model
   */
  read(model) {
    this.stop()
    const zeros = new Float32Array(model.zDim)
    let code = { mu: zeros, logVar: zeros }
    let probability = new Float32Array(10)
    this.decoderProbability = probability
    if (this.x) {
      const logits = model.classify(this.x)
      probability = softmax(logits, model.temperature)
      this.decoderProbability = softmax(logits)
      code = model.encode(this.x, this.decoderProbability)
    }
    this.mu = code.mu
    this.sigma = code.logVar.map((l) => Math.exp(0.5 * l))
    this.kl = total(klPerDimension(code.mu, code.logVar))
    this.z = code.mu.slice()
    this.noise = null
    this.stages.showImage(this.x, probability, this.isTestDigit)
    this.redraw(model)
  }

  /**
   * Decode z, as what was drawn and, if the decoder gets a digit, as each of them.
   * @param {Model} model
   */
  redraw(model) {
    const { labelled, zDim } = model
    const labels = [...(labelled ? DIGITS.map(oneHot) : []), this.decoderProbability]
    const z = Float32Array.from({ length: labels.length * zDim }, (_, i) => this.z[i % zDim])
    const logits = model.decodeLogits(z, Float32Array.from(labels.flatMap((label) => [...label])))
    const images = logits.map(sigmoid)
    this.redrawn = images.subarray(-784)
    this.cost = this.x ? imageCost(this.x, logits.subarray(-784), model.params) : 0
    if (labelled) this.stages.showDigits(images)
    this.stages.showCode(this)
  }

  /** @type {(i: number, value: number) => void} */
  move(i, value) {
    if (!this.model) return
    this.stop()
    this.z[i] = value
    this.noise = null
    this.redraw(this.model)
  }

  sample() {
    if (!this.model) return
    const noise = Float32Array.from(this.mu, normal)
    this.glide(
      this.mu.map((m, i) => m + this.sigma[i] * noise[i]),
      noise,
    )
  }

  /**
   * Let z go to `target` in a quarter of a second.
   * @type {(target: Float32Array, noise: Float32Array | null) => void}
   */
  glide(target, noise) {
    const { model } = this
    if (!model) return
    this.stop()
    const from = this.z
    const start = performance.now()
    const quick = matchMedia("(prefers-reduced-motion: reduce)").matches
    /** @param {number} now */
    const step = (now) => {
      const share = quick ? 1 : Math.min(Math.max((now - start) / GLIDE, 0), 1)
      this.z = share < 1 ? from.map((z, i) => z + share * (target[i] - z)) : target.slice()
      this.noise = share < 1 ? null : noise
      this.redraw(model)
      if (share < 1) this.frame = requestAnimationFrame(this.host.guard(step))
    }
    step(start)
  }

  stop() {
    cancelAnimationFrame(this.frame)
  }
}

export default component(DrawPage)
