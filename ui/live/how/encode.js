// The live part of the step.

import { append, component } from "../train/view.js"
import { followImage } from "./image.js"

class EncodeView {
  constructor(root, host) {
    this.text = append(root.querySelector(".how"), "p")
    this.expect = followImage(host, (image) => this.show(image))
  }

  show(image) {
    this.text.textContent = image.title
  }

  close() {}
}

export default component(EncodeView)
