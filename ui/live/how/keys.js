// The arrow keys and Page Up, Page Down go to the next step and back, as a presenter's remote does.

const BUTTONS = {
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "back",
  PageUp: "back",
}
// What can have the focus and has no use for any of these keys, and what has none for the pages.
const FREE = "body, main, button, a, summary, [data-testid=stMain]"
const GROUP = "[role=radiogroup], [role=group]"

const listening = new WeakSet()

export default function ({ parentElement }) {
  if (listening.has(parentElement)) return
  listening.add(parentElement)
  const end = new AbortController()
  // Functions of its own, so that the end of another such element does not end this one.
  document.addEventListener("keydown", (event) => press(event), { signal: end.signal })
  document.addEventListener("pointerup", (event) => release(event), { signal: end.signal })
  return () => {
    if (parentElement.isConnected) return
    end.abort()
    listening.delete(parentElement)
  }
}

function press(event) {
  const name = BUTTONS[event.key]
  const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey
  if (!name || modified || event.defaultPrevented || !isFree(focused(), event.key)) return
  const button = document.querySelector(`.st-key-how_${name} button`)
  if (!button || button.disabled) return
  event.preventDefault()
  button.click()
}

// After a click on the row of the steps, the arrow keys would move within that row.
function release(event) {
  if (!event.target.closest?.(".st-key-how_row")) return
  setTimeout(() => document.activeElement?.blur()) // The row takes the focus at the end of a click.
}

// The element with the focus, also inside of components.
function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

function isFree(element, key) {
  if (!element) return true
  return element.matches(FREE) && (key.startsWith("Page") || !element.closest(GROUP))
}
