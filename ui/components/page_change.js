// What the change from one page to another needs. Streamlit drops what a widget has sent if the
// request for the next page arrives before a run has read it, and returns to the old page if it
// arrives after that request.

import { followScript, isInForm, isScriptRunning } from "./streamlit.js"

const RETRY = 20 // Milliseconds, as all of these.
const NAVIGATION = 10000 // At most.
const HANDOVER = 1000 // At most.
const READ = 150 // A run has read the values of the widgets by then.

// `element` is one that the page which is being left has and the next one has not: the link that was
// clicked or, if the browser goes back or forward, the heading. What a component sends before the
// next page is there would take the user back, as Streamlit sends it in the name of the page that is
// being left, or would end the run of the new page, if the component is one of the old page.
//
// A link, clicked at `clicked`, waits until a run has read what was sent just before. `changed` is
// when a text was changed that no run has read yet; null if there is none. `begun` is when a run last
// began, `sent` when a component last sent something. Its run may be too short to be seen.
const last = { element: null, at: 0, link: null, clicked: 0, changed: null, begun: 0, sent: -READ }

// Not on `document`, where slider_sync.js reports sliders first.
document.body.addEventListener("click", onClick, true)
document.body.addEventListener("input", ({ target }) => {
  // Not in a component, which sends what it has itself, nor in a form, which is not sent yet.
  const isText = !target.shadowRoot && target.type !== "range" && !isInForm(target)
  if (isText) last.changed = performance.now()
}, true)
followScript(() => {
  if (isScriptRunning()) last.begun = performance.now()
  else if (last.begun > last.changed) last.changed = null
})
addEventListener("popstate", () => {
  const heading = document.querySelector("[data-page]")
  if (heading && heading.dataset.page !== location.pathname.split("/").at(-1)) leave(heading)
})

function leave(element) {
  Object.assign(last, { element, at: performance.now() })
}

function onClick(event) {
  const link = event.composedPath().find((node) => node.tagName === "A" && node.hasAttribute("href"))
  if (!link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return
  // Streamlit's link to the first page is empty, and that page has none.
  const here = link.getAttribute("href") && link.pathname === location.pathname
  if (here || link.origin !== location.origin) return
  const now = performance.now()
  if (event.isTrusted || link !== last.link) Object.assign(last, { link, clicked: now })
  const text = last.changed !== null && (last.begun < last.changed || now < last.begun + READ)
  const waits = text || now < last.sent + READ
  if (!waits || now > last.clicked + HANDOVER) return leave(link)
  event.preventDefault()
  event.stopImmediatePropagation()
  setTimeout(() => { if (link === last.link) link.click() }, RETRY)
}

function leaving() {
  const { element, at } = last
  if (!element) return false
  const waits = (element.isConnected || isScriptRunning()) && performance.now() < at + NAVIGATION
  // Once more even so: what is no longer on the page goes a moment later.
  if (!waits) last.element = null
  return true
}

// `setTriggerValue` of a component, which waits while another page is being opened.
export function sender({ parentElement, setTriggerValue }) {
  return function send(name, value) {
    if (leaving()) {
      setTimeout(() => { if (parentElement.isConnected) send(name, value) }, RETRY)
    } else {
      last.sent = performance.now()
      setTriggerValue(name, value)
    }
  }
}
