// The words and pictures beside the map: of the place that is looked at, and of the own drawing.

import { element, set } from "../../components/dom.js"
import { View } from "../../components/view.js"
import { paintGray } from "../../draw/gray.js"
import { imageName } from "./texts.js"

/** @import { Host } from "../../components/view.js" */
/** @import { Near } from "./place_view.js" */

/** @typedef {{index: number, label: number, pixels: Float32Array | null}} Neighbour */

export const STRIP = 8 // Neighbours of the drawing that are shown.

export class MapPanel extends View {
  /**
   * @param {HTMLElement} root has the elements of map.html
   * @param {Host} host
   * @param {() => void} chosen called when another digit is chosen
   */
  constructor(root, host, chosen) {
    super(root, host)
    /** @type {HTMLSelectElement} */
    this.select = this.part("digit")
    this.select.replaceChildren(
      element("option", { value: "" }, ["the nearest point's digit"]),
      ...Array.from({ length: 10 }, (_, digit) =>
        element("option", { value: digit }, [String(digit)]),
      ),
    )
    this.on("digit", "change", chosen)
    this.own = Array.from({ length: STRIP }, () => {
      const canvas = element("canvas", { width: 28, height: 28, role: "img" })
      const caption = element("figcaption")
      return { canvas, caption, figure: element("figure", {}, [canvas, caption]) }
    })
  }

  // The digit that every place is decoded as; null: that of the nearest point.
  /** @type {number | null} */
  get digit() {
    return this.select.value === "" ? null : Number(this.select.value)
  }

  set digit(value) {
    this.select.value = String(value ?? "")
  }

  /**
   * @param {Float32Array} pixels (784,) that a place is decoded to
   * @param {number | null} digit as which it is; null without labels
   */
  showDecoded(pixels, digit) {
    const text = digit === null ? "decoded here" : `decoded here as ${digit}`
    paintGray(this.part("decoded"), pixels)
    this.say("decoded-as", text)
    set(this.part("decoded"), { "aria-label": `The place, ${text}` })
  }

  /**
   * @param {Near | null} near the nearest image
   * @param {Float32Array | null} pixels null until they are here
   * @param {Float32Array | null} redrawn its reconstruction, null until it is here
   */
  showNearest(near, pixels, redrawn) {
    paint(this.part("original"), pixels)
    paint(this.part("redrawn"), redrawn)
    const name = near ? imageName(near.index) : ""
    const label = near?.label ?? ""
    this.say("original-label", near ? `nearest: a ${label}` : "")
    set(this.part("original"), { "aria-label": `${name}, labelled ${label}` })
    set(this.part("redrawn"), { "aria-label": `${name}, redrawn by the model` })
    this.root.dataset.nearest = String(near?.index ?? "")
  }

  /**
   * @param {Neighbour[] | null} found those of the drawing in z, at most `STRIP`; none without a
   *   drawing, null before it is known
   */
  showNeighbours(found) {
    this.part("drawing").hidden = !found
    if (!found) return
    this.part("no-drawing").hidden = found.length > 0
    this.say(
      "drawing-title",
      found.length ? "Nearest to your drawing in z" : "Your drawing on the map",
    )
    const figures = found.map(({ index, label, pixels }, i) => {
      const { canvas, caption, figure } = this.own[i]
      paint(canvas, pixels)
      set(canvas, { "aria-label": `${imageName(index)}, labelled ${label}` })
      figure.title = imageName(index)
      caption.textContent = String(label)
      return figure
    })
    this.part("strip").replaceChildren(...figures)
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array | null} pixels
 */
function paint(canvas, pixels) {
  canvas.classList.toggle("missing", !pixels)
  if (pixels) paintGray(canvas, pixels)
}
