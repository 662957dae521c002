// Test images to choose two groups from: a click adds one, a second one subtracts it.

import { set } from "../components/dom.js"
import { append } from "../components/view.js"
import { button, digitCanvas } from "./live_view.js"

/** @import { Host } from "../components/view.js" */

/** @typedef {{x: Float32Array, z: Float32Array, label: number}} Image of the test set */
/** @typedef {"plus" | "minus"} Sign */
/** @typedef {Sign | "none"} State of an image */

/** @type {Record<State, {next: State, sign: string, words: string}>} */
const STATES = {
  none: { next: "plus", sign: "", words: "" },
  plus: { next: "minus", sign: "+", words: ", added" },
  minus: { next: "none", sign: "−", words: ", subtracted" },
}

export class Picker {
  /**
   * @param {HTMLElement} parent
   * @param {Host} host
   * @param {() => void} changed called when a visitor has chosen
   */
  constructor(parent, host, changed) {
    this.host = host
    this.changed = changed
    this.root = append(parent, "div", "picker")
    const hint = "Click an image once to add it (+), twice to subtract it (−)."
    append(this.root, "p", "muted", hint)
    this.thumbs = append(this.root, "div", "thumbs")
    host.on(button(this.root, "Choose none"), "click", () => {
      this.states.clear()
      this.choose()
    })
    /** @type {Map<number, State>} by the numbers of images */
    this.states = new Map()
    /** @type {{id: number, image: Image, thumb: HTMLElement, sign: HTMLElement}[]} */
    this.shown = []
  }

  /**
   * The numbers of the images with that sign.
   * @param {Sign} sign
   */
  ids(sign) {
    return [...this.states].filter(([, state]) => state === sign).map(([id]) => id)
  }

  /**
   * Show these images.
   * @param {number[]} ids
   * @param {Map<number, Image>} images
   */
  show(ids, images) {
    if (ids.join() !== this.shown.map(({ id }) => id).join()) {
      this.thumbs.replaceChildren()
      this.shown = ids.map((id) => this.thumb(id, /** @type {Image} */ (images.get(id))))
    }
    this.showStates()
  }

  /**
   * @param {number} id
   * @param {Image} image
   */
  thumb(id, image) {
    const thumb = button(this.thumbs, "")
    thumb.className = "thumb"
    digitCanvas(thumb, "", 1, 1).paint(image.x)
    this.host.on(thumb, "click", () => {
      this.states.set(id, STATES[this.states.get(id) ?? "none"].next)
      this.choose()
    })
    return { id, image, thumb, sign: append(thumb, "span") }
  }

  showStates() {
    for (const { id, image, thumb, sign } of this.shown) {
      const state = this.states.get(id) ?? "none"
      thumb.dataset.state = state
      sign.textContent = STATES[state].sign
      const words = `Test digit ${id}, labelled ${image.label}${STATES[state].words}`
      set(thumb, { "aria-label": words })
    }
  }

  choose() {
    this.showStates()
    this.changed()
  }
}
