// The dimensions of z, a row each: the encoder's μ ± σ, and z as a slider.

import { element, signed } from "../components/dom.js"
import { klPerDimension, SILENT } from "../engine/maths.js"

const REACH = 4 // A row goes from -4 to 4, which is more than μ ± σ of nearly all images.
/** @type {Record<string, number>} */
const KEYS = {
  ArrowLeft: -0.1,
  ArrowDown: -0.1,
  ArrowRight: 0.1,
  ArrowUp: 0.1,
  PageDown: -1,
  PageUp: 1,
  Home: -2 * REACH,
  End: 2 * REACH,
}

/** @import { Host } from "../components/view.js" */
/** @import { Numbers } from "../engine/maths.js" */

export class LatentList {
  /**
   * @param {HTMLElement} list
   * @param {number} zDim
   * @param {Host} host
   * @param {(i: number, value: number) => void} move called while a visitor moves dimension i
   */
  constructor(list, zDim, host, move) {
    list.classList.toggle("many", zDim > 12)
    /** @type {Numbers} */
    this.z = new Float32Array(zDim)
    this.rows = Array.from({ length: zDim }, (_, i) => {
      const band = element("span", { class: "band" })
      const mean = element("span", { class: "mean" })
      const dot = element("span", { class: "dot" })
      const track = element(
        "div",
        {
          class: "track",
          role: "slider",
          tabindex: "0",
          "aria-label": `z${i}`,
          "aria-valuemin": -REACH,
          "aria-valuemax": REACH,
        },
        [element("span", { class: "prior" }), band, mean, dot],
      )
      const value = element("span")
      const spread = element("small")
      const name = element("span", { class: "name" }, [`z${i}`])
      const numbers = element("span", { class: "value" }, [value, spread])
      const row = element("li", {}, [name, track, numbers])
      this.steer(track, i, host, (to) => move(i, to))
      return { row, band, mean, dot, track, value, spread }
    })
    list.replaceChildren(...this.rows.map(({ row }) => row))
  }

  /** @type {(track: HTMLElement, i: number, host: Host, move: (value: number) => void) => void} */
  steer(track, i, host, move) {
    /** @param {PointerEvent} event */
    const follow = (event) => {
      const { left, width } = track.getBoundingClientRect()
      move(clamp((2 * (event.clientX - left)) / width - 1) * REACH)
    }
    // A finger that goes down or up scrolls the page: then z is what it was before the touch.
    let before = 0
    host.on(track, "pointerdown", (event) => {
      if (event.button !== 0) return
      track.setPointerCapture(event.pointerId)
      before = this.z[i]
      if (event.pointerType !== "touch") follow(event)
    })
    for (const name of ["pointermove", "pointerup"]) {
      host.on(track, name, (event) => {
        if (track.hasPointerCapture(event.pointerId)) follow(event)
      })
    }
    host.on(track, "pointercancel", () => move(before))
    host.on(track, "keydown", (event) => {
      if (!(event.key in KEYS)) return
      event.preventDefault()
      move(clamp((this.z[i] + KEYS[event.key]) / REACH) * REACH)
    })
  }

  /**
   * @param {Numbers} mu (zDim,), as the others
   * @param {Numbers} sigma
   * @param {Numbers} z
   */
  show(mu, sigma, z) {
    this.z = z
    const kl = klOfEach(mu, sigma)
    this.rows.forEach(({ row, band, mean, dot, track, value, spread }, i) => {
      const low = position(mu[i] - sigma[i])
      band.style.left = `${low}%`
      band.style.width = `${position(mu[i] + sigma[i]) - low}%`
      mean.style.left = `${position(mu[i])}%`
      dot.style.left = `${position(z[i])}%`
      row.classList.toggle("near-prior", kl[i] < SILENT)
      value.textContent = signed(z[i])
      spread.textContent = ` σ ${sigma[i].toFixed(2)}`
      track.setAttribute("aria-valuenow", z[i].toFixed(2))
      const words = `${signed(z[i])}; mean ${signed(mu[i])}, standard deviation ${signed(sigma[i])}`
      track.setAttribute("aria-valuetext", words)
    })
  }
}

/**
 * The KL divergence of each dimension, nats.
 * @param {Numbers} mu
 * @param {Numbers} sigma
 */
export function klOfEach(mu, sigma) {
  return klPerDimension(
    mu,
    Float64Array.from(sigma, (value) => 2 * Math.log(value)),
  )
}

/** @param {number} share */
function clamp(share) {
  return Math.min(Math.max(share, -1), 1)
}

/**
 * Where a value is in its row, in percent.
 * @param {number} value
 */
function position(value) {
  return 50 * (1 + clamp(value / REACH))
}
