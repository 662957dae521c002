// How far a training is, in a line and a bar. It has the page run again when the rest of the page
// would show something else.

import { component } from "../components/view.js"
import { LivePart } from "./feed.js"

/**
 * @typedef {object} Progress
 * @property {string} text empty: nothing is shown
 * @property {number} share from 0 to 1
 * @property {string} page what the rest of the page shows
 * @property {number} epochs finished ones
 * @property {boolean} details whether the page shows figures of the last epoch
 */

const AGAIN_MS = 3000

/** @extends {LivePart<Progress>} */
class ProgressBar extends LivePart {
  name = "progress"
  shown = ""
  wanted = ""
  timer = 0

  /** @param {Progress & {events: string}} data */
  update(data) {
    this.shown = this.stateOf(data)
    clearTimeout(this.timer)
    this.wanted = this.shown
    super.update(data)
  }

  /** @param {Progress} data */
  stateOf({ page, epochs, details }) {
    return details ? `${page} ${epochs}` : page
  }

  /** @param {Progress | null} news */
  hear(news) {
    super.hear(news)
    const state = news ? this.stateOf({ .../** @type {Progress} */ (this.given), ...news }) : "gone"
    if (state === this.wanted) return
    this.wanted = state
    if (news) this.runAgain()
    else this.runLater()
  }

  // What is sent while the page is being made can be lost, so it is sent again after a while.
  runAgain() {
    if (this.wanted === this.shown) return
    this.host.trigger("changed", this.wanted)
    this.runLater()
  }

  runLater() {
    clearTimeout(this.timer)
    this.timer = setTimeout(
      this.host.guard(() => this.runAgain()),
      AGAIN_MS,
    )
  }

  /** @param {Progress} data */
  show({ text, share }) {
    const bar = /** @type {HTMLProgressElement} */ (this.root.querySelector("progress"))
    const line = /** @type {HTMLElement} */ (this.root.querySelector("p"))
    bar.hidden = line.hidden = !text
    bar.value = share
    line.textContent = text
  }

  close() {
    clearTimeout(this.timer)
    super.close()
  }
}

export default component(ProgressBar)
