// Informs the server of the sliders of the page once they have rested, and before a link is
// followed. Streamlit keeps their values for the next request, and drops them with the page.
//
// `data` is {keys: of the sliders, rest: seconds}. Triggers: turned, and failed.

import { component } from "../view.js"
import { Sliders } from "./sliders.js"

// Milliseconds that a link waits, so that the request for its page is not sent before the other
// one: Streamlit would then drop it.
const HANDOVER = 100

class Turned {
  constructor(_, host) {
    this.host = host
    this.keys = []
    this.known = new Map()
    this.reported = -Infinity
    this.sliders = new Sliders(host.guard(() => this.slid()))
    this.rested = host.guard(() => {
      if (document.querySelector("[data-dragging]")) this.wait()
      else this.report()
    })
    this.leaves = host.guard((event) => {
      const link = event.target.closest?.("a")
      if (!link || link === this.followed || event.ctrlKey || event.metaKey || event.shiftKey) return
      this.report()
      if (performance.now() - this.reported > HANDOVER) return
      event.preventDefault()
      event.stopImmediatePropagation()
      setTimeout(() => {
        this.followed = link
        link.click()
        this.followed = undefined
      }, HANDOVER)
    })
    document.addEventListener("click", this.leaves, true)
  }

  expect({ keys, rest }) {
    this.keys = keys
    this.rest = 1000 * rest
    this.sliders.follow(keys, [])
  }

  close() {
    clearTimeout(this.timer)
    document.removeEventListener("click", this.leaves, true)
    this.sliders.close()
  }

  slid() {
    let turned = false
    for (const key of this.keys) {
      const value = this.sliders.value(key)
      if (value === undefined) continue
      turned ||= this.known.has(key) && this.known.get(key) !== value
      this.known.set(key, value)
    }
    if (turned) this.wait()
  }

  wait() {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.rested, this.rest)
  }

  report() {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.reported = performance.now()
    this.host.trigger("turned", true)
  }
}

export default component(Turned)
