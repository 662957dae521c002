// The arrow keys go to the next step and back. Page Down and Page Up do so, too, as a presenter's
// remote sends them, but first they scroll to the end of a step that is longer than the window.

import { main } from "../components/streamlit.js"

/** @type {Record<string, "next" | "back">} */
const BUTTONS = {
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "back",
  PageUp: "back",
}
// What can have the focus and has no use for any of these keys, and what has none for the pages.
const FREE = "body, main, button, a, summary"
const GROUP = "[role=radiogroup], [role=group]"
const ALMOST = 2 // Pixels: so near to its end the page is at its end.

/** @type {WeakMap<Element, AbortController>} */
const listeners = new WeakMap()

/** @param {{parentElement: HTMLElement}} given */
export default function ({ parentElement }) {
  if (!listeners.has(parentElement)) listeners.set(parentElement, listen())
  parentElement.firstElementChild?.setAttribute("data-ready", "")
  // Streamlit calls the function of the last call, of which there may be several.
  return () => {
    if (parentElement.isConnected) return
    listeners.get(parentElement)?.abort()
    listeners.delete(parentElement)
  }
}

// Listen until the controller that is returned is aborted.
function listen() {
  const end = new AbortController()
  // Functions of its own, so that the end of another such element does not end this one.
  document.addEventListener("keydown", (event) => press(event), { signal: end.signal })
  document.addEventListener("pointerup", (event) => release(event), { signal: end.signal })
  return end
}

/** @param {KeyboardEvent} event */
function press(event) {
  const name = BUTTONS[event.key]
  const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey
  if (!name || modified || event.defaultPrevented || !isFree(focused(), event.key)) return
  const page = main()
  if (event.key.startsWith("Page") && scrolls(page, name)) {
    event.preventDefault()
    const way = name === "next" ? 1 : -1
    page.scrollBy({ top: 0.85 * way * page.clientHeight })
    return
  }
  /** @type {HTMLButtonElement | null} */
  const button = document.querySelector(`.st-key-how_${name} button`)
  if (!button || button.disabled) return
  event.preventDefault()
  button.click()
  page.scrollTo({ top: 0 })
}

/**
 * Whether there is more of the page that way.
 * @param {Element} page
 * @param {"next" | "back"} name
 */
function scrolls(page, name) {
  const below = page.scrollHeight - page.clientHeight - page.scrollTop
  return (name === "next" ? below : page.scrollTop) > ALMOST
}

/**
 * After a click on the row of the steps, the arrow keys would move within that row.
 * @param {PointerEvent} event
 */
function release(event) {
  if (!(event.target instanceof Element) || !event.target.closest(".st-key-how_row")) return
  // The row takes the focus at the end of a click.
  setTimeout(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur())
}

// The element with the focus, also inside of components.
function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

/**
 * @param {Element | null} element
 * @param {string} key
 */
function isFree(element, key) {
  if (!element) return true
  return element.matches(FREE) && (key.startsWith("Page") || !element.closest(GROUP))
}
