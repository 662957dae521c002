// What the change from one page to another needs of what is sent, and of the browser's history.
//
// Streamlit drops what a widget has sent if the request for the next page arrives before a run has
// read it: a link waits for that. It returns to the old page if something arrives after that request,
// in the name of the page that is being left: what a component sends waits for the next page.

import { followScript, isInForm, isScriptRunning } from "./streamlit.js"

const RETRY = 20 // Milliseconds, as all of these.
const NAVIGATION = 10000 // At most.
const HANDOVER = 1000 // At most, for what was sent before a link is followed.
const READ = 150 // A run has read the values of the widgets by then.

let read = 0 // When a run has read all that was sent.
let awaitsRun = false // Whether that is counted from the beginning of a run.
/** @type {Event | undefined} the last click on a link to another page */
let clicked
/** @type {Element | undefined} what only the page that is being left has: the link or the heading */
let left
let leftPath = ""

followScript(() => {
  if (!awaitsRun || !isScriptRunning()) return
  awaitsRun = false
  read = performance.now() + READ
})
// A field sends its value when it is left, but not a slider, nor in a form. Components have their own.
document.body.addEventListener(
  "change",
  ({ target }) => {
    const { type } = /** @type {HTMLInputElement} */ (target)
    if (type === "range" || isInForm(/** @type {Element} */ (target))) return
    awaitsRun = true
    read = performance.now() + HANDOVER
  },
  true,
)
// Not on `document`, where slider_sync.js reports sliders first.
document.body.addEventListener("click", follow, true)
addEventListener("popstate", () => {
  /** @type {HTMLElement | null} */
  const heading = document.querySelector("[data-page]")
  if (heading && heading.dataset.page !== location.pathname.split("/").at(-1)) leave(heading, "")
})

// Streamlit removes the parameters of the page that is being left before it changes the path, and
// makes an entry of that. Back would lead there: to the old page without its parameters.
history.pushState = (state, unused, url) => {
  if (left && new URL(url ?? "", location.href).pathname === leftPath) return
  History.prototype.pushState.call(history, state, unused, url)
}

/** @param {MouseEvent} event */
async function follow(event) {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
  if (!link?.hasAttribute("href") || link.origin !== location.origin) return
  if (link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return
  // Streamlit's link to the first page has no path, and that page has none.
  const hasPath = !/^(\?|$)/.test(link.getAttribute("href") ?? "")
  if (hasPath && link.pathname === location.pathname) return
  const now = performance.now()
  if (now > read) return leave(link, location.pathname)
  event.preventDefault()
  event.stopImmediatePropagation()
  clicked = event
  await until(() => performance.now() > Math.min(read, now + HANDOVER))
  if (event !== clicked) return
  read = 0
  link.click()
}

/**
 * @param {Element} element
 * @param {string} path of its page
 */
async function leave(element, path) {
  left = element
  leftPath = path
  const latest = performance.now() + NAVIGATION
  await until(() => !(element.isConnected || isScriptRunning()) || performance.now() > latest)
  if (left === element) left = undefined
}

/**
 * A moment after `condition` holds: by then, what is no longer needed has left the page.
 * @param {() => boolean} condition
 */
async function until(condition) {
  let holds
  do {
    holds = condition()
    await new Promise((resolve) => setTimeout(resolve, RETRY))
  } while (!holds)
}

/**
 * `setTriggerValue` of a component, which waits while another page is being opened.
 * @param {import("./view.js").Given<unknown>} given
 */
export function sender({ parentElement, setTriggerValue }) {
  /** @type {typeof setTriggerValue} */
  return function send(name, value) {
    if (left) {
      setTimeout(() => {
        if (parentElement.isConnected) send(name, value)
      }, RETRY)
    } else {
      // Its run may be too short to be seen.
      read = Math.max(read, performance.now() + READ)
      setTriggerValue(name, value)
    }
  }
}
