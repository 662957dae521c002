// The place that is looked at, and the visitor's drawing: decoded, with the nearest images.

import { oneHot, softmax } from "../../engine/maths.js"
import { decodedGrays } from "../../components/numbers.js"
import { numbers, whereText } from "./texts.js"

const STRIP = 8 // Neighbours of the drawing that are shown.

export class PlaceView {
  // `panel` shows it.
  constructor(panel) {
    this.panel = panel
    this.images = null // The pixels of all test images, once they are here.
    this.clear()
  }

  clear() {
    this.near = -1 // The index of the nearest image.
    this.digit = null // That the place is decoded as; null: without one.
    this.own = null // The place of the drawing.
    this.neighbours = [] // Of the drawing.
    this.panel.showNeighbours(null)
  }

  // Decode the place of a view, see map.js, and show its nearest image.
  show(view) {
    const { points, place, model, chart, data, state: { projection } } = view
    const { panel } = this
    const near = (this.near = points.nearest(projection, place.x, place.y, chart.isShown))
    const { z, of } = points.zAt(projection, place.x, place.y)
    panel.part("where").textContent = whereText(projection, place, z, of, data)
    const label = near < 0 ? null : points.y[near]
    const pixels = near < 0 ? null : this.image(near)
    let redrawn = null
    this.digit = data.labelled ? (panel.digit ?? label ?? 0) : null
    if (model) {
      const probability = this.digit === null ? new Float32Array(10) : oneHot(this.digit)
      panel.showDecoded(model.decode(z, probability), this.digit)
      if (pixels) {
        const mu = points.mu.subarray(near * points.zDim, (near + 1) * points.zDim)
        redrawn = model.decode(mu, softmax(model.classify(pixels)))
      }
    }
    panel.showNearest(near, label, pixels, redrawn)
    panel.root.dataset.z = numbers(z)
  }

  // The drawing's place, from its μ, and its neighbours in z.
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

  showNeighbours(points) {
    if (!this.own) return
    this.panel.showNeighbours(this.neighbours.map((index) => {
      return { index, label: points.y[index], pixels: this.image(index) }
    }))
  }

  // The pixels (784,) of an image, 0 to 1, or null until they are here.
  image(index) {
    const bytes = this.bytes(index)
    return bytes ? Float32Array.from(bytes, (value) => value / 255) : null
  }

  // As `image`, 0 to 255.
  bytes(index) {
    return this.images?.subarray(784 * index, 784 * (index + 1))
  }
}
