// A button that copies the address of the page, with what only components on the page know.
//
// `data` is {label, extra, inAddress}: parameters of the link besides those of the address, null takes
// one out; whether the address of the page gets them, too.

import { fullAddress } from "./link.js"
import { component } from "./view.js"

const SAID_MS = 2000

class CopyLink {
  constructor(parent, host) {
    this.button = parent.querySelector("button")
    this.button.addEventListener("click", host.guard(() => this.copy()))
  }

  update(data) {
    this.data = data
    this.button.textContent = data.label
    if (data.inAddress) history.replaceState(history.state, "", this.withParameters())
  }

  // The address of the page with these parameters.
  withParameters() {
    const url = new URL(location.href)
    for (const [name, value] of Object.entries(this.data.extra)) {
      if (value === null) url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    }
    return url.href
  }

  copy() {
    const url = fullAddress(this.withParameters())
    const showAddress = () => window.prompt("Link", url)
    // Without https, and not on localhost, browsers have no navigator.clipboard.
    if (!navigator.clipboard) showAddress()
    else navigator.clipboard.writeText(url).then(() => this.say("Copied"), showAddress)
  }

  say(text) {
    this.button.textContent = text
    setTimeout(() => { this.button.textContent = this.data.label }, SAID_MS)
  }

  close() {}
}

export default component(CopyLink)
