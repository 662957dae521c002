// Brings the chosen model into the browser: once for each load of the page and model.
//
// `data` is the packed model as bytes, at first and when it has been asked for, or else {model: id}.

import { Model } from "./engine.js"
import { peek, provide, refuse } from "./hub.js"

const FIRST_WAIT = 5000 // Milliseconds until it is asked for again, then twice as long each time.

export default function ({ data, parentElement, setTriggerValue }) {
  try {
    if (data instanceof Uint8Array) {
      const model = new Model(data)
      provide(model.id, model)
    } else {
      ask(data.model, parentElement, setTriggerValue, FIRST_WAIT)
    }
  } catch (error) {
    refuse(String(error))
    setTriggerValue("failed", String(error))
  }
}

function ask(id, element, setTriggerValue, wait) {
  if (peek(id) || !element.isConnected) return
  setTriggerValue("want", id)
  setTimeout(() => ask(id, element, setTriggerValue, 2 * wait), wait)
}
