// Starts the components: see `component` in __init__.py, whose code calls `start`.

import { place, report, say } from "./failures.js"
import { sender } from "./page_change.js"

const NEEDED = "VAE Lab needs Chrome or Edge 123, Firefox 121, Safari 17.5 or newer."
const IS_NEW_ENOUGH = CSS.supports("color", "light-dark(#000, #fff)")

/** @import { Given } from "./view.js" */

/**
 * Call the default function of NAME.js with what Streamlit has given; returns the cleanup function.
 * @param {string} name
 * @param {Given<unknown[]>} given its data in a list
 */
export function start(name, given) {
  const { parentElement } = given
  if (!IS_NEW_ENOUGH) return say(NEEDED)
  place(parentElement, name)
  /** @type {(() => void) | undefined} */
  let cleanup
  const [data] = given.data
  import(`../${name}.js`)
    .then((module) => {
      // The page may have been left meanwhile.
      if (!parentElement.isConnected) return
      cleanup = module.default({ ...given, data, setTriggerValue: sender(given) })
    })
    .catch((error) => report(error, parentElement))
  return () => cleanup?.()
}
