// What is worth noticing in a training, a sentence each.

import { append, component } from "../components/view.js"
import { LivePart } from "./feed.js"

/** @extends {LivePart<{notices: [string, string][]}>} */
class Notices extends LivePart {
  name = "notices"
  shown = ""

  /** @param {{notices: [string, string][]}} data when, and what */
  show({ notices }) {
    const list = /** @type {HTMLElement} */ (this.root.querySelector("ul"))
    if (this.shown === String(notices)) return
    this.shown = String(notices)
    list.hidden = !notices.length
    list.replaceChildren()
    for (const [when, text] of notices) {
      const item = append(list, "li")
      append(item, "b", "", when)
      item.append(` ${text}`)
    }
  }
}

export default component(Notices)
