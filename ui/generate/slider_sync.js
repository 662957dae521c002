// Sends the values of the page's sliders to the server once they have rested, and before a link is
// followed. Streamlit keeps their values for the next request, and drops them with the page. The link
// waits until that request has arrived (page_change.js).
//
// Trigger: turned.

import { isDragged } from "../components/streamlit.js"
import { component, View } from "../components/view.js"
import { Sliders } from "./sliders.js"

/** @typedef {{keys: string[], rest: number}} TurnedData keys of the sliders, and seconds */

/** @extends {View<TurnedData>} */
class SliderSync extends View {
  rest = 0
  timer = 0
  sliders = new Sliders(this.host, (turned) => turned && this.wait())
  rested = this.host.guard(() => {
    if (isDragged()) this.wait()
    else this.report()
  })

  listen() {
    /** @param {MouseEvent & { target: Element }} event */
    const leaves = ({ target }) => target.closest("a") && this.report()
    this.host.on(document, "click", leaves, { capture: true })
  }

  /** @param {TurnedData} data */
  update({ keys, rest }) {
    this.rest = 1000 * rest
    this.sliders.follow(keys, [])
  }

  close() {
    clearTimeout(this.timer)
  }

  wait() {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.rested, this.rest)
  }

  report() {
    if (!this.timer) return
    clearTimeout(this.timer)
    this.timer = 0
    this.host.trigger("turned", true)
  }
}

export default component(SliderSync)
