// A button that copies the address of the page, with what only components on the page know.
//
// `data` is {label, extra}: parameters of the link besides those of the address; null takes one out.

import { fullAddress } from "./link.js"
import { component } from "./view.js"

const SAID_MS = 2000

class CopyLink {
  constructor(parent, host) {
    this.button = parent.querySelector("button")
    this.button.addEventListener("click", host.guard(() => this.copy()))
  }

  expect(data) {
    this.data = data
    this.button.textContent = data.label
  }

  copy() {
    const url = new URL(fullAddress(location.href))
    for (const [name, value] of Object.entries(this.data.extra)) {
      if (value === null) url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    }
    const showAddress = () => window.prompt("Link", url.href)
    // Without https, and not on localhost, browsers have no navigator.clipboard.
    if (!navigator.clipboard) showAddress()
    else navigator.clipboard.writeText(url.href).then(() => this.say("Copied"), showAddress)
  }

  say(text) {
    this.button.textContent = text
    setTimeout(() => { this.button.textContent = this.data.label }, SAID_MS)
  }

  close() {}
}

export default component(CopyLink)
