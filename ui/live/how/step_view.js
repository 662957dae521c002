// What the live parts of the steps have in common: a view as in ../view.js, whose `show(image)`
// is called with the image that the page follows, see image.js.

import { followImage } from "./image.js"

export class StepView {
  constructor(root, host) {
    this.root = root.querySelector(".how")
    this.host = host
    this.following = followImage(host, (image) => {
      this.show(image)
      this.root.dataset.ready = ""
    })
  }

  expect(data) {
    this.following.expect(data)
  }

  close() {
    this.following.close()
  }

  // The element with this class.
  part(name) {
    return this.root.querySelector(`.${name}`)
  }

  // Say something there.
  say(name, text) {
    this.part(name).textContent = text
  }

  // Call `act(event)` at an event of that element.
  on(name, event, act) {
    this.part(name).addEventListener(event, this.host.guard(act))
  }
}
