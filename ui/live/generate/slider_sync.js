// Sends the values of the page's sliders to the server once they have rested, and before a link is
// followed. Streamlit keeps their values for the next request, and drops them with the page. The link
// waits until that request has arrived (guard.js).
//
// `data` is {keys: of the sliders, rest: seconds}. Trigger: turned.

import { component } from "../view.js"
import { Sliders } from "./sliders.js"

class SliderSync {
  constructor(_, host) {
    this.host = host
    this.keys = []
    this.known = new Map()
    this.sliders = new Sliders(host.guard(() => this.slid()))
    this.rested = host.guard(() => {
      if (document.querySelector("[data-dragging]")) this.wait()
      else this.report()
    })
    this.leaves = host.guard((event) => {
      if (event.target.closest?.("a")) this.report()
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
    this.host.trigger("turned", true)
  }
}

export default component(SliderSync)
