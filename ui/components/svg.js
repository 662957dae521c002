// Elements of an SVG drawing.

import { set } from "./dom.js"

/** @import { Attributes } from "./dom.js" */

export { set }

const SVG = "http://www.w3.org/2000/svg"

/**
 * The path through points [x, y].
 * @param {number[][]} points
 */
export function polyline(points) {
  return points.map(([a, b], i) => `${i ? "L" : "M"}${round(a)} ${round(b)}`).join("")
}

/**
 * To one decimal, as nobody sees more.
 * @param {number} value
 */
export function round(value) {
  return Math.round(10 * value) / 10
}

/**
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {"start" | "middle" | "end"} anchor
 */
export function label(text, x, y, anchor) {
  return make("text", { x: round(x), y, "text-anchor": anchor }, text)
}

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} attributes
 */
export function make(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name)
  set(element, attributes)
  if (text !== "") element.textContent = text
  return element
}
