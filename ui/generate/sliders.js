// Streamlit's own sliders on a page, followed while they are being dragged: each is an
// <input type=range> whose attribute `value` changes with every movement of the pointer, while
// the server is informed of the release at most.

import { isDragged } from "../components/streamlit.js"

/** @import { Host } from "../components/view.js" */

export class Sliders {
  /**
   * @param {Host} host whose closing ends it
   * @param {(turned: boolean) => void} changed called whenever a value has changed; `turned` unless
   *   sliders have only come or gone
   */
  constructor(host, changed) {
    this.changed = host.guard(changed)
    /** @type {string[]} */
    this.keys = []
    /** @type {Set<string>} */
    this.knobs = new Set()
    /** @type {Map<string, HTMLInputElement | null>} */
    this.inputs = new Map()
    /** @type {Map<string, number | undefined>} */
    this.values = new Map()
    const observer = new MutationObserver(() => this.look())
    const what = { attributes: true, attributeFilter: ["value"], childList: true, subtree: true }
    observer.observe(document.body, what)
    host.closing.signal.addEventListener("abort", () => observer.disconnect())
  }

  /**
   * Follow the sliders of these keys.
   * @param {string[]} keys
   * @param {string[]} knobs those that are filled from 0 to their value
   */
  follow(keys, knobs) {
    this.keys = keys
    this.knobs = new Set(knobs)
    this.look()
  }

  /**
   * The value of a slider, or undefined as long as it is not on the page.
   * @param {string} key
   */
  value(key) {
    return this.values.get(key)
  }

  /**
   * Whether a visitor has hold of it.
   * @param {string} key
   */
  held(key) {
    const input = this.inputs.get(key)
    return input ? input === document.activeElement || isDragged(input) : false
  }

  look() {
    let [different, turned] = [false, false]
    for (const key of this.keys) {
      let input = this.inputs.get(key) ?? null
      const known = input?.isConnected
      if (!known) input = document.querySelector(`.st-key-${CSS.escape(key)} input[type=range]`)
      const value = input ? Number(input.value) : undefined
      const before = this.values.get(key)
      if (known && value === before) continue
      this.inputs.set(key, input)
      if (input && this.knobs.has(key)) fill(input, key)
      if (value === before) continue
      this.values.set(key, value)
      different = true
      turned ||= before !== undefined && value !== undefined
    }
    if (different) this.changed(turned)
  }
}

/**
 * Tell streamlit.css how far and to which side of 0 the slider is to be filled.
 * @type {(input: HTMLInputElement, key: string) => void}
 */
function fill(input, key) {
  /** @type {HTMLElement | null} */
  const slider = input.closest(`.st-key-${CSS.escape(key)}`)
  if (!slider) return
  const share = Number(input.value) / (Number(input.max) - Number(input.min))
  slider.dataset.filled = ""
  slider.style.setProperty("--share", String(Math.abs(share)))
  slider.style.setProperty("--left", share < 0 ? "50%" : "auto")
  slider.style.setProperty("--right", share < 0 ? "auto" : "50%")
}
