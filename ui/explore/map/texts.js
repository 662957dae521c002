// What is said of a place of the map.

import { percent, signed } from "../../components/dom.js"

// What is along the axes: {across, up}.
export function axisNames(projection, { zDim, names }, shares) {
  const called = (i) => (names[i] ? `z${i} ${names[i]}` : `z${i}`)
  if (projection === "plane") {
    return { across: `${called(0)} →`, up: zDim === 1 ? "a line for each digit" : `${called(1)} ↑` }
  }
  if (projection === "pca") {
    return {
      across: `component 1: ${percent(shares[0])} of the variance →`,
      up: `component 2: ${percent(shares[1])} ↑`,
    }
  }
  return { across: "near in z, near here; the axes mean nothing", up: "" }
}

// Which z the place stands for.
export function whereText(projection, { x, y }, z, of, { zDim }) {
  if (projection === "plane") {
    const all = Array.from(z, (value, i) => `z${i} is ${signed(value)}`)
    return `Here ${all.join(" and ")}.`
  }
  if (projection === "pca") {
    const rest = `the other ${zDim - 2} direction${zDim === 3 ? "" : "s"}`
    return `Here: component 1 at ${signed(x)}, component 2 at ${signed(y)}, ${rest} at the mean.`
  }
  return `Here z is the mean of the ${of.length} nearest points, nearer ones counting more.`
}

// The place in words, for screen readers.
export function spoken({ panel, points, place, state: { pin }, placeView: { near, digit } }) {
  const decoded = digit === null ? "" : ` Decoded as ${digit}.`
  const nearest = near < 0 ? "" : ` Nearest: ${imageName(near)}, a ${points.y[near]}.`
  const pinned = pin && pin.x === place.x && pin.y === place.y ? "Pinned. " : ""
  return `${pinned}${panel.part("where").textContent}${decoded}${nearest}`
}

export function imageName(index) {
  return `test image ${index}`
}

export function numbers(values) {
  return Array.from(values, (value) => value.toFixed(4)).join(",")
}
