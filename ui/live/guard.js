// Loads the code of a component as a module. Code that a browser cannot read is no code at all; this
// code every browser reads, and it reports such a failure.

const code = new Blob([CODE], { type: "text/javascript" })
const loaded = import(URL.createObjectURL(code))

// Milliseconds. What is sent while the page is still being made can be lost.
const AGAIN = 3000
const RETRY = 20
const NAVIGATION = 10000 // At most.

const RUNNING = "[data-test-script-state]:not([data-test-script-state=notRunning])"

// An element that the page which is being left has and the next one has not: the link that was
// clicked or, if the browser goes back or forward, the heading. What a component sends before the
// next page is there would take the user back, as Streamlit sends it in the name of the page that is
// being left, or would end the run of the new page, if the component is one of the old page.
const departure = globalThis[Symbol.for("vae-lab-departure")] || watchNavigation()

function watchNavigation() {
  const last = { element: null, at: 0 }
  globalThis[Symbol.for("vae-lab-departure")] = last
  const note = (element) => Object.assign(last, { element, at: performance.now() })
  const click = (event) => {
    const link = event.composedPath().find((node) => node.tagName === "A" && node.href)
    if (!link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (link.origin === location.origin && link.pathname !== location.pathname) note(link)
  }
  // Not on `document`, where turned.js may stop a click to make it again.
  document.body.addEventListener("click", click, true)
  addEventListener("popstate", () => {
    const heading = document.querySelector("[data-page]")
    if (heading && heading.dataset.page !== location.pathname.split("/").at(-1)) note(heading)
  })
  return last
}

function leaving() {
  const { element, at } = departure
  if (!element) return false
  const running = document.querySelector(RUNNING)
  const waits = (element.isConnected || running) && performance.now() < at + NAVIGATION
  // Once more even so: what is no longer on the page goes a moment later.
  if (!waits) departure.element = null
  return true
}

export default function (given) {
  const send = (name, value) => {
    if (leaving()) {
      setTimeout(() => { if (given.parentElement.isConnected) send(name, value) }, RETRY)
    } else {
      given.setTriggerValue(name, value)
    }
  }
  const setTriggerValue = (name, value) => {
    send(name, value)
    if (name !== "failed") return
    setTimeout(() => {
      if (given.parentElement.isConnected) setTriggerValue(name, value)
    }, AGAIN)
  }
  const element = { ...given, setTriggerValue }
  let cleanup
  let gone = false
  loaded
    .then((module) => {
      if (!gone) cleanup = module.default(element)
    })
    .catch((error) => { setTriggerValue("failed", String(error)) })
  return () => {
    gone = !element.parentElement.isConnected
    if (cleanup) cleanup()
  }
}
