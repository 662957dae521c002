// What the live parts of the steps have in common: a view as in ../view.js, whose `show(image)`
// is called with the image that the page follows, see image.js.

import { followImage } from "./image.js"

/** @import { Followed, PageData } from "./image.js" */
/** @import { Host } from "../view.js" */

/** @template {PageData} [Data=PageData] */
export class StepView {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = /** @type {HTMLElement} */ (root.querySelector(".how"))
    this.host = host
    this.following = followImage(host, (/** @type {Followed<Data>} */ image) => {
      this.show(image)
      this.root.dataset.ready = ""
    })
  }

  /** @param {Data} data */
  expect(data) {
    this.following.expect(data)
  }

  close() {
    this.following.close()
  }

  /**
   * Show the image; a step defines it.
   * @param {Followed<Data>} _image
   */
  show(_image) {}

  /**
   * The element with this class.
   * @template {HTMLElement} [Kind=HTMLElement]
   * @param {string} name
   */
  part(name) {
    return /** @type {Kind} */ (this.root.querySelector(`.${name}`))
  }

  /**
   * The slider, or another field, with this class.
   * @param {string} name
   */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.part(name))
  }

  /**
   * Say something there.
   * @param {string} name
   * @param {string | number} text
   */
  say(name, text) {
    this.part(name).textContent = String(text)
  }

  /**
   * Call `act(event)` at an event of that element.
   * @param {string} name
   * @param {string} event
   * @param {(event: any) => void} act
   */
  on(name, event, act) {
    this.part(name).addEventListener(event, this.host.guard(act))
  }
}
