// The button that saves the picture as a PNG file. The server draws it when the button is pressed,
// because only then it is informed of where the sliders are.
//
// Trigger: file.

import { bytesOf } from "../components/numbers.js"

/** @import { Given } from "../components/view.js" */

/** @typedef {{help: string, enabled: boolean, png: string}} ButtonData the file after a press */

const FILE = "digits.png"

/** @type {WeakSet<Element>} the buttons that have been pressed */
const waiting = new WeakSet()

/** @param {Given<ButtonData>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  if (!button) return
  button.onclick = () => {
    waiting.add(button)
    setTriggerValue("file", true)
  }
  button.title = data.help
  button.disabled = !data.enabled
  if (data.png && waiting.delete(button)) save(bytesOf(data.png))
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function save(bytes) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }))
  link.download = FILE
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
