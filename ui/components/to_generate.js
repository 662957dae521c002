// Taking a z to Generate: Python sets the knobs there, and then the link to it is clicked.

/** @import { Host } from "./view.js" */

/** @type {MutationObserver | undefined} */
let waiting

/**
 * Call Python's trigger `use`, see ui/components/handover.py, and click the link once it has answered.
 * @type {(host: Host, z: Float32Array) => void}
 */
export function toGenerate(host, z) {
  const before = mark()
  waiting?.disconnect()
  const observer = new MutationObserver(() => {
    /** @type {HTMLAnchorElement | null} */
    const link = document.querySelector(".st-key-to_generate a")
    if (mark() === before || !link) return
    observer.disconnect()
    link.click()
  })
  observer.observe(document.body, { subtree: true, childList: true, attributes: true })
  host.closing.signal.addEventListener("abort", () => observer.disconnect())
  waiting = observer
  host.trigger("use", { z: Array.from(z) })
}

function mark() {
  return document.querySelector(".st-key-to_generate [data-taken]")?.getAttribute("data-taken")
}
