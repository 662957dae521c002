// The elements of the Draw page's stages: built once, then filled with what the model computes.

import { element, percent } from "../components/dom.js"
import { reconstructionCost } from "../engine/loss.js"
import { indexOfMost } from "../engine/maths.js"
import { blank, paintDifference, paintGray } from "./gray.js"
import { LatentList } from "./latents.js"
import { aboutDigits, aboutImage, aboutLatents, aboutPrior, aboutRedrawing } from "./stage_texts.js"

export const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

export class StageView {
  // `on`: what to do at a click, by the class of the button.
  constructor(root, on) {
    this.root = root
    this.bars = DIGITS.map(barRow)
    this.part("bars tbody").replaceChildren(...this.bars.map(({ row }) => row))
    this.strip = DIGITS.map((digit) => {
      const label = `This z drawn as ${digit}`
      const canvas = element("canvas", { width: 28, height: 28, role: "img", "aria-label": label })
      return { canvas, figure: element("figure", {}, [canvas, element("figcaption", {}, [digit])]) }
    })
    this.part("strip").replaceChildren(...this.strip.map(({ figure }) => figure))
    for (const [name, click] of Object.entries(on)) {
      this.part(name).addEventListener("click", click)
    }
    for (const details of root.querySelectorAll("details")) {
      details.addEventListener("focusout", (event) => {
        if (!details.contains(event.relatedTarget)) details.open = false
      })
      details.addEventListener("keydown", (event) => {
        if (event.key === "Escape") details.open = false
      })
    }
  }

  part(name) {
    return this.root.querySelector(`.${name}`)
  }

  // Show what depends on the model alone: its dimensions, whether its decoder gets a digit, its
  // limit, the formula of its likelihood. `move(i, value)` is called while a visitor moves dimension i.
  describe({ zDim, labelled, sureAbove, params }, move) {
    this.sureAbove = sureAbove
    this.params = params
    this.part("bars").style.setProperty("--sure", sureAbove)
    for (const name of ["gaussian", "bernoulli"]) {
      this.part(name).hidden = params.likelihood !== name
    }
    for (const part of this.root.querySelectorAll(".if-labelled")) part.hidden = !labelled
    for (const part of this.root.querySelectorAll(".if-unlabelled")) part.hidden = labelled
    if (this.zDim === zDim) return
    this.zDim = zDim
    this.list = new LatentList(this.part("latents"), zDim, move)
    this.part("count").textContent = zDim
    this.part("plural").textContent = zDim === 1 ? "" : "s"
  }

  // What the model sees, x (784,) or null, and the probabilities (10,).
  showImage(x, probability, isTestDigit) {
    this.root.classList.toggle("empty", !x)
    if (x) paintGray(this.part("image"), x)
    else blank(this.part("image"))
    this.part("about-image").textContent = x ? aboutImage(x) : "Nothing is drawn yet."
    this.part("from-drawing").hidden = isTestDigit
    this.part("from-test-set").hidden = !isTestDigit
    const likeliest = x ? indexOfMost(probability) : -1
    for (const digit of DIGITS) {
      const { row, bar, number } = this.bars[digit]
      bar.style.width = `${100 * probability[digit]}%`
      number.textContent = x ? percent(probability[digit]) : ""
      row.classList.toggle("likeliest", digit === likeliest)
      this.strip[digit].figure.classList.toggle("likeliest", digit === likeliest)
    }
    this.part("about-digits").textContent = x ? aboutDigits(probability, this.sureAbove) : ""
  }

  // mu, sigma and z, each (zDim,); `noise` is the ε that z was sampled with, or null.
  showLatents({ x, mu, sigma, z, noise }, atMean, hasModel) {
    this.list.show(mu, sigma, z)
    this.part("about-latents").textContent = x
      ? aboutLatents(mu, sigma, z, noise)
      : aboutPrior(z, noise)
    if (!hasModel) return this.lock()
    this.part("back").disabled = atMean
    this.part("sample").disabled = this.part("use").disabled = false
  }

  // Without the model, z cannot be changed.
  lock() {
    for (const name of ["back", "sample", "use"]) this.part(name).disabled = true
  }

  // The ten digits, (7840,).
  showDigits(images) {
    this.strip.forEach(({ canvas }, digit) => paintGray(canvas, images, 784 * digit))
  }

  // The reconstruction (784,) of x, from the z on the screen.
  showRedrawn({ x, redrawn, kl }, atMean) {
    if (!x) {
      for (const name of ["redrawn", "difference"]) blank(this.part(name))
      for (const name of ["cost", "kl", "about-redrawing"]) this.part(name).textContent = ""
      return
    }
    paintGray(this.part("redrawn"), redrawn)
    paintDifference(this.part("difference"), x, redrawn)
    const cost = reconstructionCost(x, redrawn, this.params)
    if (atMean) this.ownCost = cost
    this.part("cost").textContent = cost.toFixed(1)
    this.part("kl").textContent = kl.toFixed(1)
    this.part("about-redrawing").textContent = aboutRedrawing(cost, this.ownCost, atMean)
  }
}

function barRow(digit) {
  const bar = element("span", { class: "bar" })
  const number = element("td", { class: "number" })
  const row = element("tr", {}, [
    element("th", { scope: "row" }, [digit]),
    element("td", { class: "share" }, [bar]),
    number,
  ])
  return { row, bar, number }
}
