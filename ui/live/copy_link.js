// A button that copies the address of the page, with what only components on the page know.
//
// `data` is {label, extra, inAddress}: parameters of the link besides those of the address, null takes
// one out; whether the address of the page gets them, too.

import { fullAddress } from "./link.js"

const SAID_MS = 2000

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  if (data.inAddress) history.replaceState(history.state, "", withParameters(data.extra))
  button.onclick = () => copy(button, data).catch((error) => setTriggerValue("failed", String(error)))
}

// The address of the page with these parameters.
function withParameters(extra) {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(extra)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}

async function copy(button, { label, extra }) {
  const url = fullAddress(withParameters(extra))
  try {
    // Without https, and not on localhost, browsers have no navigator.clipboard.
    await navigator.clipboard.writeText(url)
    button.textContent = "Copied"
  } catch {
    window.prompt("Link", url)
  }
  setTimeout(() => { button.textContent = label }, SAID_MS)
}
