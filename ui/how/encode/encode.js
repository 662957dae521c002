// Step 1: the encoder's output for the image, and what an output means as log σ² and as σ itself.

import { signed } from "../../components/dom.js"
import { component } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import { Bell } from "../bell.js"
import { LatentRows } from "../rows.js"
import { StepView } from "../step_view.js"
import { OutputPlot } from "./output_plot.js"

/** @import { Host } from "../../components/view.js" */
/** @import { Followed, PageData } from "../image.js" */

class EncodeView extends StepView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(root, host)
    this.rows = new LatentRows(this.part("list"), ["μ", "log σ²", "σ"], (i) => this.choose(i))
    this.chosen = NaN
    this.plot = new OutputPlot(this.part("plot"))
    this.bell = new Bell(this.part("bell"), "The Gaussian of the chosen dimension, and the prior")
    this.on("output", "input", ({ target }) => this.turn(Number(target.value)))
    this.on("back", "click", () => this.choose(this.chosen))
  }

  /** @param {Followed<PageData>} image */
  show(image) {
    const { mu, sigma, x } = image
    paintGray(this.part("x"), x)
    this.part("x").setAttribute("aria-label", `The image x: ${image.title}`)
    const surest = indexOfLeast(sigma)
    const loosest = indexOfLeast(sigma.map((value) => -value))
    const about = `Most certain: z${surest}, σ = ${sigma[surest].toFixed(2)}.`
    const other = ` Least certain: z${loosest}, σ = ${sigma[loosest].toFixed(2)}; the prior's is 1.`
    this.say("about", sigma.length > 1 ? about + other : about)
    // A dimension that the new model does not have cannot stay chosen.
    this.choose(this.chosen < mu.length ? this.chosen : surest)
  }

  /** @param {number} i a dimension */
  choose(i) {
    this.chosen = i
    const { mu, logVar, sigma } = this.image
    this.rows.show(
      mu.length,
      i,
      (k) => ({ mu: mu[k], sigma: sigma[k] }),
      (k) => [signed(mu[k]), signed(logVar[k]), sigma[k].toFixed(2)],
    )
    this.say("which", `z${i}`)
    this.say("back", `Back to the encoder's ${signed(logVar[i])}`)
    this.turn(logVar[i])
  }

  /**
   * Let the network's output for the chosen dimension be this.
   * @param {number} output
   */
  turn(output) {
    const { mu, logVar } = this.image
    const sigma = Math.exp(0.5 * output)
    this.field("output").value = String(output)
    this.say("value", signed(output))
    this.say("sigma", `σ = exp(½ · ${signed(output)}) = ${sigma.toFixed(2)}`)
    const possible = output > 0
    this.say("itself", `σ = ${signed(output)}${possible ? "" : ": there is no such σ"}`)
    this.part("plain").classList.toggle("impossible", !possible)
    this.plot.show(output)
    this.bell.show(mu[this.chosen], sigma)
    const name = `q(z${this.chosen} | x) = N(${signed(mu[this.chosen])}, ${sigma.toFixed(2)}²)`
    this.say("gaussian", `${name}; dashed: the prior, N(0, 1). Both are drawn equally high.`)
    this.field("back").disabled = output === logVar[this.chosen]
  }
}

/** @param {Float32Array} values */
function indexOfLeast(values) {
  return values.indexOf(Math.min(...values))
}

export default component(EncodeView)
