// The Draw page's model: what it sees, its probabilities, z and what it draws, beside the canvas.
//
// While the pen moves, the drawing is read from the canvas at each frame. What Python puts there,
// such as an example or a stroke less, comes in `data`:
//   model: its id; zDim, labelled, sureAbove, params: of this model
//   revision: how often something else than the pen has changed the drawing
//   x: the image, 784 bytes as base64, or null if nothing is drawn
//   example: the digit that it was labelled with if it is one of the test set, or null
//   z: what a link asks for with this drawing, or null
//   digit_prob, mu, sigma, redrawn: the model's answer to x, for the time until it is here

import { contribute } from "../components/link.js"
import { model, peek } from "../engine/hub.js"
import { klPerDimension, normal, oneHot, softmax } from "../engine/maths.js"
import { decodedGrays } from "../components/numbers.js"
import { ToGenerate } from "../components/to_generate.js"
import { component } from "../components/view.js"
import { CANVAS_SIDE, followPen, readCanvas } from "./pen.js"
import { toMnist } from "./preprocess.js"
import { DIGITS, StageView } from "./stage_view.js"
import { Verdict } from "./verdict.js"

const GLIDE = 250 // Milliseconds that z takes to a sample, or back.

class DrawPage {
  constructor(element, host) {
    this.host = host
    const root = element.querySelector(".draw")
    this.verdict = new Verdict(root.querySelector(".said"))
    this.toGenerate = new ToGenerate()
    this.view = new StageView(root, {
      sample: host.guard(() => this.sample()),
      back: host.guard(() => this.glide(this.mu, null)),
      use: host.guard(() => this.use()),
    })
    this.uncontribute = contribute("z", () => this.movedZ())
    this.unfollow = followPen({
      down: host.guard(() => this.verdict.outdate()),
      moved: host.guard(() => this.readPen()),
      up: host.guard(() => this.verdict.await()),
    })
  }

  close() {
    this.left = true
    this.stop()
    this.unfollow()
    this.toGenerate.close()
    this.uncontribute()
    this.verdict.close()
  }

  update(data) {
    const isNew = data.revision !== this.data?.revision
    const changed = isNew || data.model !== this.data?.model
    this.data = data
    this.view.describe(data, (i, value) => this.host.guard(() => this.move(i, value))())
    if (!changed) return
    this.stop()
    this.model = peek(data.model)
    if (!this.model) this.view.lock()
    if (!this.verdict.penIsDown) {
      if (isNew) {
        this.example = data.example
        this.x = data.x && decodedGrays(data.x)
      }
      if (!this.model && this.x && data.x) this.showAnswer(data)
      this.verdict.say()
    }
    if (this.model) this.begin()
    else this.await(data.model)
  }

  // Read what Python put on the canvas; z is what a link asks for, or else μ.
  begin() {
    this.read()
    if (!this.data.z) return
    this.z = Float32Array.from(this.data.z)
    this.redraw()
  }

  // For a link: z as text, exact for float32, if a visitor has moved it away from μ; else null.
  movedZ() {
    if (!this.model || this.z.every((value, i) => value === this.mu[i])) return null
    return Array.from(this.z, (value) => Number(value.toPrecision(9))).join()
  }

  await(id) {
    model(id).then(
      this.host.guard((loaded) => {
        if (this.left || this.data.model !== id || this.model) return
        this.model = loaded
        this.begin()
      }),
      this.host.guard((error) => {
        throw error
      }),
    )
  }

  readPen() {
    this.example = null
    const ink = readCanvas()
    this.x = ink && toMnist(ink, CANVAS_SIDE)
    if (this.model) this.read()
  }

  // Classify and encode x; without x, z is that of the prior.
  read() {
    this.stop()
    if (this.x) {
      const logits = this.model.classify(this.x)
      this.decoderProbability = softmax(logits)
      this.probability = softmax(logits, this.model.temperature)
      const { mu, logVar } = this.model.encode(this.x, this.decoderProbability)
      this.mu = mu
      this.sigma = logVar.map((l) => Math.exp(0.5 * l))
      this.kl = klPerDimension(mu, logVar).reduce((a, b) => a + b)
    } else {
      this.decoderProbability = this.probability = new Float32Array(10)
      this.mu = new Float32Array(this.model.zDim)
      this.sigma = new Float32Array(this.model.zDim).fill(1)
    }
    this.z = this.mu.slice()
    this.noise = null
    this.view.showImage(this.x, this.probability, this.example !== null)
    this.redraw()
  }

  // Decode z, as what was drawn and, if the decoder gets a digit, as each of them.
  redraw() {
    const { zDim, labelled } = this.model
    const others = labelled ? DIGITS.length : 0
    const z = new Float32Array((others + 1) * zDim)
    const digits = new Float32Array((others + 1) * 10)
    for (let digit = 0; digit < others; digit++) {
      z.set(this.z, digit * zDim)
      digits.set(oneHot(digit), 10 * digit)
    }
    z.set(this.z, others * zDim)
    digits.set(this.decoderProbability, 10 * others)
    const images = this.model.decode(z, digits)
    this.redrawn = images.subarray(784 * others)
    if (labelled) this.view.showDigits(images)
    this.showCode()
  }

  // Show z and what it is decoded to.
  showCode() {
    const atMean = this.z.every((value, i) => value === this.mu[i])
    this.view.showLatents(this, atMean, Boolean(this.model))
    this.view.showRedrawn(this, atMean)
  }

  // Python's answer, until the model is here.
  showAnswer({ digit_prob: probability, mu, sigma, redrawn }) {
    this.probability = Float32Array.from(probability)
    this.mu = Float32Array.from(mu)
    this.sigma = Float32Array.from(sigma)
    this.z = this.mu.slice()
    this.noise = null
    const logVar = this.sigma.map((s) => 2 * Math.log(s))
    this.kl = klPerDimension(this.mu, logVar).reduce((a, b) => a + b)
    this.redrawn = decodedGrays(redrawn)
    this.view.showImage(this.x, this.probability, this.example !== null)
    this.showCode()
  }

  move(i, value) {
    if (!this.model) return
    this.stop()
    this.z[i] = value
    this.noise = null
    this.redraw()
  }

  sample() {
    if (!this.model) return
    const noise = Float32Array.from(this.mu, normal)
    this.glide(this.mu.map((m, i) => m + this.sigma[i] * noise[i]), noise)
  }

  // Let z go to `target` in a quarter of a second.
  glide(target, noise) {
    if (!this.model) return
    this.stop()
    const from = this.z
    const start = performance.now()
    const quick = matchMedia("(prefers-reduced-motion: reduce)").matches
    const step = (now) => {
      const share = quick ? 1 : Math.min(Math.max((now - start) / GLIDE, 0), 1)
      this.z = share < 1 ? from.map((z, i) => z + share * (target[i] - z)) : target.slice()
      this.noise = share < 1 ? null : noise
      this.redraw()
      if (share < 1) this.frame = requestAnimationFrame(this.host.guard(step))
    }
    step(start)
  }

  stop() {
    cancelAnimationFrame(this.frame)
  }

  use() {
    if (!this.model) return
    this.toGenerate.go(this.host.trigger, this.z)
  }
}

export default component(DrawPage)
