// The button that saves the picture as a PNG file. The server draws it when the button is pressed,
// because only then it is informed of where the sliders are.
//
// `data` is {help, enabled}, or, after a press, the file as bytes. Trigger: file.

const FILE = "digits.png"

const waiting = new WeakSet() // The buttons that have been pressed.

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
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

function save(bytes) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }))
  link.download = FILE
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
