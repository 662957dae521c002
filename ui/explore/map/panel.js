// The words and pictures beside the map: of the place that is looked at, and of the own drawing.

import { element } from "../../components/dom.js"
import { paintGray } from "../../draw/gray.js"
import { imageName } from "./texts.js"

export class MapPanel {
  // `root` has the elements of map.html; `chosen()` is called when another digit is chosen.
  constructor(root, chosen) {
    this.root = root
    this.select = this.part("digit")
    const options = ["the nearest point's digit", ...Array(10).keys()]
    this.select.replaceChildren(
      ...options.map((text, i) => element("option", { value: i ? i - 1 : "" }, [String(text)])),
    )
    this.select.addEventListener("change", chosen)
    this.own = Array.from({ length: 8 }, () => {
      const canvas = element("canvas", { width: 28, height: 28, role: "img" })
      const caption = element("figcaption")
      return { canvas, caption, figure: element("figure", {}, [canvas, caption]) }
    })
  }

  part(name) {
    return this.root.querySelector(`.${name}`)
  }

  // The digit that every place is decoded as; null: that of the nearest point.
  get digit() {
    return this.select.value === "" ? null : Number(this.select.value)
  }

  set digit(value) {
    this.select.value = value ?? ""
  }

  // Pixels (784,) that a place is decoded to, and as which digit; null without labels.
  showDecoded(pixels, digit) {
    const canvas = this.part("decoded")
    paintGray(canvas, pixels)
    const text = digit === null ? "decoded here" : `decoded here as ${digit}`
    this.part("decoded-as").textContent = text
    canvas.setAttribute("aria-label", `The place, ${text}`)
  }

  // The nearest image: its index and label; its pixels and its reconstruction, each null until here.
  showNearest(index, label, pixels, redrawn) {
    const figures = [["original", pixels], ["redrawn", redrawn]]
    for (const [name, image] of figures) {
      const canvas = this.part(name)
      canvas.classList.toggle("missing", !image)
      if (image) paintGray(canvas, image)
    }
    const name = index < 0 ? "" : imageName(index)
    this.part("original-label").textContent = index < 0 ? "" : `nearest: a ${label}`
    this.part("original").setAttribute("aria-label", `${name}, labelled ${label}`)
    this.part("redrawn").setAttribute("aria-label", `${name}, redrawn by the model`)
    this.root.dataset.nearest = index
  }

  // The neighbours of the drawing in z: [{index, label, pixels or null}]; empty without a drawing,
  // null before it is known.
  showNeighbours(found) {
    this.part("drawing").hidden = !found
    if (!found) return
    this.part("no-drawing").hidden = found.length > 0
    this.part("drawing-title").textContent = found.length
      ? "Nearest to your drawing in z"
      : "Your drawing on the map"
    const shown = found.map(({ index, label, pixels }, i) => {
      const { canvas, caption, figure } = this.own[i]
      canvas.classList.toggle("missing", !pixels)
      if (pixels) paintGray(canvas, pixels)
      canvas.setAttribute("aria-label", `${imageName(index)}, labelled ${label}`)
      figure.title = imageName(index)
      caption.textContent = label
      return figure
    })
    this.part("strip").replaceChildren(...shown)
  }
}
