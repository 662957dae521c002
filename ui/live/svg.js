// Elements of an SVG drawing.

const SVG = "http://www.w3.org/2000/svg"

export function polyline(points) {
  return points.map(([a, b], i) => `${i ? "L" : "M"}${round(a)} ${round(b)}`).join("")
}

export function round(value) {
  return Math.round(10 * value) / 10
}

export function label(text, x, y, anchor) {
  return make("text", { x: round(x), y, "text-anchor": anchor }, text)
}

export function make(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name)
  set(element, attributes)
  if (text !== "") element.textContent = text
  return element
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
}
