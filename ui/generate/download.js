// The button that saves the picture as a PNG file. The server draws it when the button is pressed,
// because only then it is informed of where the sliders are.
//
// Trigger: file.

/** @import { Given } from "../components/view.js" */

/** @typedef {{help: string, enabled: boolean}} ButtonData */

const FILE = "digits.png"

/** @type {WeakSet<Element>} the buttons that have been pressed */
const waiting = new WeakSet()

/** @param {Given<ButtonData | Uint8Array<ArrayBuffer>>} given after a press with the file */
export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  if (!button) return
  button.onclick = () => {
    waiting.add(button)
    setTriggerValue("file", true)
  }
  if (data instanceof Uint8Array) {
    if (waiting.delete(button)) save(data)
  } else {
    button.title = data.help
    button.disabled = !data.enabled
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function save(bytes) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }))
  link.download = FILE
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
