// The place that is looked at, and the visitor's drawing: decoded, with the nearest images.

import { decodedGrays } from "../../components/numbers.js"
import { oneHot, softmax } from "../../engine/maths.js"
import { STRIP } from "./panel.js"
import { imageName, whereText } from "./texts.js"

/** @import { MapView } from "./map.js" */
/** @import { MapPanel } from "./panel.js" */
/** @import { Place, Points } from "./points.js" */

/** @typedef {{index: number, label: number, place: Place}} Near a test image */

export class PlaceView {
  /**
   * The image that is nearest to the place.
   * @type {Near | null}
   */
  near

  /**
   * The digit that the place is decoded as; null: without one.
   * @type {number | null}
   */
  digit

  /**
   * The place of the drawing.
   * @type {Place | null}
   */
  own

  /**
   * The images nearest to the drawing.
   * @type {number[]}
   */
  neighbours

  /** @param {MapPanel} panel shows it */
  constructor(panel) {
    this.panel = panel
    /** @type {Uint8Array | null} the pixels of all test images, once they are here */
    this.images = null
    this.clear()
  }

  clear() {
    this.near = null
    this.digit = null
    this.own = null
    this.neighbours = []
    this.panel.showNeighbours(null)
  }

  /**
   * Decode the place, and show its nearest image.
   * @param {MapView} view
   * @param {Points} points
   * @param {Place} place
   */
  show({ model, chart, data, state: { projection } }, points, place) {
    const { panel } = this
    const { z, of } = points.zAt(projection, place.x, place.y)
    panel.say("where", whereText(projection, place, z, of))
    panel.root.dataset.z = Array.from(z, (value) => value.toFixed(4)).join(",")
    const index = points.nearest(projection, place.x, place.y, chart.isShown)
    const at = points.placeAt(projection, index)
    this.near = index < 0 ? null : { index, label: points.y[index], place: at }
    this.digit = data.labelled ? (panel.digit ?? this.near?.label ?? 0) : null
    const pixels = this.near && this.image(index)
    let redrawn = null
    if (model) {
      const probability = this.digit === null ? new Float32Array(10) : oneHot(this.digit)
      panel.showDecoded(model.decode(z, probability), this.digit)
      if (pixels) redrawn = model.decode(points.zOf(index), softmax(model.classify(pixels)))
    }
    panel.showNearest(this.near, pixels, redrawn)
  }

  // What is shown, in words.
  get words() {
    const { near, digit, panel } = this
    const decoded = digit === null ? "" : ` Decoded as ${digit}.`
    const nearest = near ? ` Nearest: ${imageName(near.index)}, a ${near.label}.` : ""
    return `${panel.part("where").textContent}${decoded}${nearest}`
  }

  /**
   * The drawing's place, from its μ, and its neighbours in z.
   * @param {MapView} view
   */
  placeDrawing({ points, model, data, state: { projection } }) {
    this.clear()
    if (!points) return
    if (!data.drawing) return this.panel.showNeighbours([])
    if (!model) return
    const x = decodedGrays(data.drawing)
    const { mu } = model.encode(x, softmax(model.classify(x)))
    this.own = points.placeOf(projection, mu)
    this.neighbours = points.neighbours(mu, STRIP)
    this.showNeighbours(points)
  }

  /** @param {Points} points */
  showNeighbours(points) {
    if (!this.own) return
    this.panel.showNeighbours(
      this.neighbours.map((index) => {
        return { index, label: points.y[index], pixels: this.image(index) }
      }),
    )
  }

  /**
   * The pixels (784,) of an image, 0 to 1, or null until they are here.
   * @param {number} index
   */
  image(index) {
    const bytes = this.bytes(index)
    return bytes && Float32Array.from(bytes, (value) => value / 255)
  }

  /**
   * As `image`, 0 to 255.
   * @param {number} index
   */
  bytes(index) {
    return this.images?.subarray(784 * index, 784 * (index + 1)) ?? null
  }
}
