// A button that copies the address of the page, with what only components on the page know.

import { fullAddress, withParameters } from "./link.js"
import { component, View } from "./view.js"

/**
 * @typedef {object} LinkData
 * @property {string} label
 * @property {Record<string, string | null>} extra parameters of the link besides those of the
 *   address; null takes one out
 * @property {boolean} inAddress whether the address of the page gets them, too
 */

const SAID_MS = 2000

/** @extends {View<LinkData>} */
class CopyLink extends View {
  /** @type {LinkData} */
  data

  listen() {
    this.on("copy", "click", () => this.copy())
  }

  /** @param {LinkData} data */
  update(data) {
    this.data = data
    this.say("copy", data.label)
    if (data.inAddress) history.replaceState(history.state, "", this.address())
  }

  address() {
    return withParameters(location.href, Object.entries(this.data.extra))
  }

  copy() {
    const url = fullAddress(this.address())
    const show = () => window.prompt("Link", url)
    // Without https, and not on localhost, browsers have no navigator.clipboard.
    if (!navigator.clipboard) show()
    else navigator.clipboard.writeText(url).then(() => this.sayCopied(), show)
  }

  sayCopied() {
    this.say("copy", "Copied")
    setTimeout(() => this.say("copy", this.data.label), SAID_MS)
  }
}

export default component(CopyLink)
