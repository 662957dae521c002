// Starts the components: see `component` in __init__.py, whose code calls `start`.

import { place, report } from "./failures.js"
import { sender } from "./page_change.js"

const BROWSERS = "Chrome or Edge 123, Firefox 121, Safari 17.5"

// Call the default function of NAME.js with what Streamlit has given; returns the cleanup function.
export function start(name, given) {
  const { parentElement } = given
  place(parentElement, name)
  let cleanup
  let gone = false
  open(name)
    .then((module) => {
      if (!gone) cleanup = module.default({ ...given, setTriggerValue: sender(given) })
    })
    .catch((error) => report(error, parentElement))
  return () => {
    gone = !parentElement.isConnected
    cleanup?.()
  }
}

function open(name) {
  if (CSS.supports("color", "light-dark(#000, #fff)")) return import(`./${name}.js`)
  return Promise.reject(new Error(`VAE Lab needs ${BROWSERS} or newer.`))
}
