// The arrow keys and Page Up, Page Down go to the next step and back, as a presenter's remote does.

const BUTTONS = {
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "back",
  PageUp: "back",
}
// A button has no use for these keys; everything else that can have the focus may have one.
const FREE = "body, main, button, a, summary, [data-testid=stMain]"

const listening = new WeakSet()

export default function ({ parentElement }) {
  if (listening.has(parentElement)) return
  listening.add(parentElement)
  const press = (event) => {
    const name = BUTTONS[event.key]
    const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey
    if (!name || modified || event.defaultPrevented || !isFree(focused())) return
    const button = document.querySelector(`.st-key-how_${name} button`)
    if (!button || button.disabled) return
    event.preventDefault()
    button.click()
  }
  document.addEventListener("keydown", press)
  return () => {
    if (parentElement.isConnected) return
    document.removeEventListener("keydown", press)
    listening.delete(parentElement)
  }
}

// The element with the focus, also inside of components.
function focused() {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element
}

function isFree(element) {
  return !element || (element.matches(FREE) && !element.closest("[role=radiogroup], [role=group]"))
}
