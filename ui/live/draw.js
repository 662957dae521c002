// The Draw page's model: what it sees, its probabilities, z and what it draws, beside the canvas.
//
// While the pen moves, the drawing is read from the canvas at each frame. What Python puts there,
// such as an example, comes in `data`:
//   model: its id; zDim, sureAbove, params: of this model
//   revision: how often something else than the pen has changed the drawing
//   x: the image, 784 bytes as base64, or null if nothing is drawn
//   example: the digit that it was labelled with if it is one of the test set, or null
//   digit_prob, mu, sigma, redrawn: the model's answer to x, for the time until it is here

import { element, percent } from "./dom.js"
import { blank, paintDifference, paintGray } from "./gray.js"
import { model, peek } from "./hub.js"
import { LatentList } from "./latents.js"
import { klPerDimension, normal, oneHot, softmax } from "./maths.js"
import { CANVAS_SIDE, followPen, readCanvas } from "./pen.js"
import { toMnist } from "./preprocess.js"
import {
  aboutDigits,
  aboutImage,
  aboutLatents,
  aboutPrior,
  aboutRedrawing,
  reconstructionCost,
} from "./stages.js"
import { Verdict } from "./verdict.js"

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const GLIDE = 250 // Milliseconds that z takes to a sample, or back.

const pages = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  let page = pages.get(parentElement)
  if (!page) {
    page = new DrawPage(parentElement.querySelector(".draw"), setTriggerValue)
    pages.set(parentElement, page)
  }
  page.guarded(() => page.adopt(data))
  return () => {
    if (parentElement.isConnected) return // It has only been drawn anew.
    page.leave()
    pages.delete(parentElement)
  }
}

class DrawPage {
  constructor(root, send) {
    this.root = root
    this.send = send
    this.failed = false
    this.part = (name) => root.querySelector(`.${name}`)
    this.verdict = new Verdict(this.part("said"))
    this.guarded(() => this.build())
    this.leave = followPen({
      down: () => this.guarded(() => this.verdict.outdate()),
      moved: () => this.guarded(() => this.readPen()),
      up: () => this.guarded(() => this.verdict.await()),
    })
  }

  // Run a step; the first error of all is reported, and Python then draws the page without this.
  guarded(step) {
    if (this.failed) return
    try {
      step()
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error) {
    if (this.failed) return
    this.failed = true
    console.error(error)
    this.verdict.settle()
    this.send("failed", String(error))
  }

  build() {
    const bars = DIGITS.map((digit) => {
      const bar = element("span", { class: "bar" })
      const number = element("td", { class: "number" })
      const row = element("tr", {}, [
        element("th", { scope: "row" }, [digit]),
        element("td", { class: "share" }, [bar]),
        number,
      ])
      return { row, bar, number }
    })
    this.bars = bars
    this.part("bars tbody").replaceChildren(...bars.map(({ row }) => row))
    this.strip = DIGITS.map((digit) => {
      const label = `This z drawn as ${digit}`
      const canvas = element("canvas", { width: 28, height: 28, role: "img", "aria-label": label })
      return { canvas, figure: element("figure", {}, [canvas, element("figcaption", {}, [digit])]) }
    })
    this.part("strip").replaceChildren(...this.strip.map(({ figure }) => figure))
    const button = (name, click) =>
      this.part(name).addEventListener("click", () => this.guarded(click))
    button("sample", () => this.sample())
    button("back", () => this.glide(this.mu, null))
    button("use", () => this.use())
    for (const details of this.root.querySelectorAll("details")) {
      details.addEventListener("focusout", (event) => {
        if (!details.contains(event.relatedTarget)) details.open = false
      })
    }
  }

  adopt(data) {
    const changed = data.model !== this.data?.model || data.revision !== this.data?.revision
    this.data = data
    this.part("share-limit").style.setProperty("--sure", data.sureAbove)
    if (this.zDim !== data.zDim) {
      this.zDim = data.zDim
      const move = (i, value) => this.guarded(() => this.move(i, value))
      this.list = new LatentList(this.part("latents"), data.zDim, move)
      this.part("count").textContent = data.zDim
      this.part("plural").textContent = data.zDim === 1 ? "" : "s"
    }
    for (const name of ["gaussian", "bernoulli"]) {
      this.part(name).hidden = data.params.likelihood !== name
    }
    if (!changed || this.verdict.penIsDown) return
    this.example = data.example
    this.x = data.x && Float32Array.from(atob(data.x), (c) => c.charCodeAt(0) / 255)
    // What is on the canvas by now may be newer, or is not rounded to bytes.
    const drawn = this.x && data.example === null && this.pixels()
    if (drawn) this.x = drawn
    if (!peek(data.model) && this.x) this.showAnswer(data)
    model(data.model).then(
      (loaded) => {
        if (this.data.model !== loaded.id) return
        this.guarded(() => {
          this.model = loaded
          this.read()
        })
      },
      (error) => this.fail(error),
    )
  }

  // The drawing on the canvas as x, or null if it is empty.
  pixels() {
    const rgba = readCanvas()
    return rgba && toMnist(rgba, CANVAS_SIDE, CANVAS_SIDE)
  }

  readPen() {
    this.example = null
    this.x = this.pixels()
    if (this.model) this.read()
    else if (this.x) paintGray(this.part("image"), this.x)
  }

  // Classify and encode x; without x, z is that of the prior.
  read() {
    const { zDim } = this.model
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
      this.mu = new Float32Array(zDim)
      this.sigma = new Float32Array(zDim).fill(1)
    }
    this.z = this.mu.slice()
    this.noise = null
    this.ownCost = null
    this.showImage()
    this.redraw()
  }

  // Decode z, as what was drawn and as each digit.
  redraw() {
    const n = DIGITS.length + 1
    const z = new Float32Array(n * this.zDim)
    const digits = new Float32Array(n * 10)
    DIGITS.forEach((digit) => {
      z.set(this.z, digit * this.zDim)
      digits.set(oneHot(digit), 10 * digit)
    })
    z.set(this.z, 10 * this.zDim)
    digits.set(this.decoderProbability, 100)
    const images = this.model.decode(z, digits)
    this.strip.forEach(({ canvas }, digit) => paintGray(canvas, images, 784 * digit))
    this.redrawn = images.subarray(7840)
    this.showLatents()
    this.showRedrawn()
  }

  showImage() {
    const { x, probability } = this
    this.root.classList.toggle("empty", !x)
    if (x) paintGray(this.part("image"), x)
    else blank(this.part("image"))
    this.part("about-image").textContent = x ? aboutImage(x) : "Nothing is drawn yet."
    this.part("from-drawing").hidden = this.example !== null
    this.part("from-test-set").hidden = this.example === null
    const likeliest = probability.indexOf(Math.max(...probability))
    this.bars.forEach(({ row, bar, number }, digit) => {
      bar.style.width = `${100 * probability[digit]}%`
      number.textContent = x ? percent(probability[digit]) : ""
      row.classList.toggle("likeliest", Boolean(x) && digit === likeliest)
    })
    this.strip.forEach(({ figure }, digit) =>
      figure.classList.toggle("likeliest", Boolean(x) && digit === likeliest),
    )
    this.part("about-digits").textContent = x ? aboutDigits(probability, this.data.sureAbove) : ""
  }

  showLatents() {
    const { mu, sigma, z, noise } = this
    this.list.show(mu, sigma, z)
    this.part("about-latents").textContent = this.x
      ? aboutLatents(mu, sigma, z, noise)
      : aboutPrior(z, noise)
    this.part("back").disabled = !this.model || this.atMean()
    this.part("sample").disabled = this.part("use").disabled = !this.model
  }

  showRedrawn() {
    const { x, redrawn, kl } = this
    if (!x) {
      blank(this.part("redrawn"))
      blank(this.part("difference"))
      for (const name of ["cost", "kl", "about-redrawing"]) this.part(name).textContent = ""
      return
    }
    paintGray(this.part("redrawn"), redrawn)
    paintDifference(this.part("difference"), x, redrawn)
    const cost = reconstructionCost(x, redrawn, this.data.params)
    this.ownCost ??= cost
    this.part("cost").textContent = cost.toFixed(1)
    this.part("kl").textContent = kl.toFixed(1)
    this.part("about-redrawing").textContent = aboutRedrawing(cost, this.ownCost, this.atMean())
  }

  // Python's answer, until the model is here.
  showAnswer({ digit_prob: probability, mu, sigma, redrawn }) {
    this.probability = Float32Array.from(probability)
    this.mu = Float32Array.from(mu)
    this.sigma = Float32Array.from(sigma)
    this.z = this.mu.slice()
    this.noise = null
    this.kl = klPerDimension(this.mu, this.sigma.map((s) => 2 * Math.log(s))).reduce((a, b) => a + b)
    this.redrawn = Float32Array.from(atob(redrawn), (c) => c.charCodeAt(0) / 255)
    this.ownCost = null
    this.showImage()
    this.showLatents()
    this.showRedrawn()
  }

  atMean() {
    return this.z.every((value, i) => value === this.mu[i])
  }

  move(i, value) {
    if (!this.model) return
    this.stop()
    this.z[i] = value
    this.noise = null
    this.redraw()
  }

  sample() {
    const noise = Float32Array.from(this.mu, normal)
    this.glide(this.mu.map((m, i) => m + this.sigma[i] * noise[i]), noise)
  }

  // Let z go to `target` in a quarter of a second.
  glide(target, noise) {
    this.stop()
    const from = this.z
    const start = performance.now()
    const quick = matchMedia("(prefers-reduced-motion: reduce)").matches
    const step = (now) => {
      const share = quick ? 1 : Math.min(Math.max((now - start) / GLIDE, 0), 1)
      this.z = share < 1 ? from.map((z, i) => z + share * (target[i] - z)) : target.slice()
      this.noise = share < 1 ? null : noise
      this.redraw()
      if (share < 1) this.frame = requestAnimationFrame((time) => this.guarded(() => step(time)))
    }
    step(start)
  }

  stop() {
    cancelAnimationFrame(this.frame)
  }

  use() {
    this.verdict.await(() => document.querySelector(".st-key-to_generate a")?.click())
    this.send("use", { z: Array.from(this.z) })
  }
}
