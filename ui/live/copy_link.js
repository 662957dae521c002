// A button that copies the address of the page, with what only components on the page know.
//
// `data` is {label, extra}: parameters of the link besides those of the address; null takes one out.

import { fullAddress } from "./link.js"

const SAID_MS = 2000

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => copy(button, data).catch((error) => setTriggerValue("failed", String(error)))
}

async function copy(button, { label, extra }) {
  const url = new URL(fullAddress(location.href))
  for (const [name, value] of Object.entries(extra)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  try {
    // Without https, and not on localhost, browsers have no navigator.clipboard.
    await navigator.clipboard.writeText(url.href)
    button.textContent = "Copied"
  } catch {
    window.prompt("Link", url.href)
  }
  setTimeout(() => { button.textContent = label }, SAID_MS)
}
