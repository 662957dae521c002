// What the live parts of the steps have in common: a view as in ../view.js, whose `show(image)`
// is called with the image that the page follows, see image.js.

import { View } from "../components/view.js"
import { followImage } from "./image.js"

/** @import { Followed, PageData } from "./image.js" */
/** @import { Host } from "../components/view.js" */

/**
 * @template {PageData} [Data=PageData]
 * @extends {View<Data>}
 */
export class StepView extends View {
  /**
   * The image that is shown.
   * @type {Followed<Data>}
   */
  image

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    super(/** @type {HTMLElement} */ (root.querySelector(".how")), host)
    this.following = followImage(host, (/** @type {Followed<Data>} */ image) => {
      this.image = image
      this.show(image)
      this.root.dataset.ready = ""
    })
  }

  /** @param {Data} data */
  update(data) {
    this.following.update(data)
  }

  close() {
    this.following.close()
  }

  /**
   * Show the image; a step defines it.
   * @param {Followed<Data>} _image
   */
  show(_image) {}
}
