// What a component that fails does: the server logs it, and the page says it in its place.

import { base } from "./server.js"

const names = new WeakMap()
const failed = new WeakSet()

// Let `element` be where the component of that name is.
export function place(element, name) {
  names.set(element, name)
}

// Report the first error of the component in `element`.
export function report(error, element) {
  console.error(error)
  if (failed.has(element)) return
  failed.add(element)
  const body = JSON.stringify({ component: names.get(element), message: String(error).slice(0, 500) })
  fetch(new URL("failures", base), { method: "POST", body }).catch(() => {}) // It is said here.
  const reload = Object.assign(document.createElement("button"), { type: "button", textContent: "Reload" })
  reload.addEventListener("click", () => location.reload())
  const sentence = document.createElement("p")
  sentence.setAttribute("role", "alert")
  sentence.append("This part of the page has failed. ", reload)
  element.prepend(sentence)
}
