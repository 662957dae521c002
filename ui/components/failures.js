// What happens when a component fails: the server logs it, and the page says so in one sentence.

import { base } from "./server.js"

const FAILED = "Part of this page has failed."

/** @type {WeakMap<Element, string>} */
const names = new WeakMap()
/** @type {WeakSet<Element>} */
const failed = new WeakSet()

/**
 * Let `element` be where the component of that name is.
 * @type {(element: Element, name: string) => void}
 */
export function place(element, name) {
  names.set(element, name)
}

/**
 * Report the first error of the component in `element`.
 * @type {(error: unknown, element: Element) => void}
 */
export function report(error, element) {
  console.error(error)
  if (failed.has(element)) return
  failed.add(element)
  const body = JSON.stringify({
    component: names.get(element),
    message: String(error).slice(0, 500),
  })
  fetch(new URL("failures", base), { method: "POST", body }).catch(console.error)
  say(FAILED)
}

/**
 * Say it at the foot of the window, with a button that reloads the page.
 * @param {string} sentence
 */
export function say(sentence) {
  const bar = document.getElementById("vae-failure") ?? document.createElement("div")
  bar.id = "vae-failure"
  bar.setAttribute("role", "alert")
  const reload = document.createElement("button")
  reload.type = "button"
  reload.textContent = "Reload"
  reload.addEventListener("click", () => location.reload())
  bar.replaceChildren(`${sentence} `, reload)
  document.body.append(bar)
}
