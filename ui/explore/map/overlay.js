// What is drawn over the points: the digits at their centres, and marks at places of the map.

import { element } from "../../components/dom.js"

/** @import { Chart, Spot } from "./chart.js" */
/** @import { Place } from "./points.js" */

const ROOM = 24 // Pixels between two digits that would lie on each other.
const ROUNDS = 60

export class Overlay {
  /** @param {Element} root */
  constructor(root) {
    this.root = root
    this.centres = Array.from({ length: 10 }, (_, digit) => element("span", {}, [String(digit)]))
    root.querySelector(".centres")?.replaceChildren(...this.centres)
  }

  /**
   * Put everything where it is on the chart; while points travel, nothing is shown.
   * @param {Chart} chart
   * @param {Record<string, Place | null>} marks by their classes
   * @param {(Place | null)[]} centres of the digits
   */
  show(chart, marks, centres) {
    /** @param {Place | null} place */
    const spot = (place) => (place && !chart.travelled ? chart.toScreen(place) : null)
    for (const [name, place] of Object.entries(marks)) {
      put(/** @type {HTMLElement} */ (this.root.querySelector(`.mark.${name}`)), spot(place))
    }
    const spots = centres.map((place, digit) => (chart.isShown[digit] ? spot(place) : null))
    // Digits that would touch are moved apart. Those that would lie on each other are left out: their
    // points are mixed.
    const apart = movedApart(spots.map((at, digit) => (isAlone(spots, digit) ? at : null)))
    for (const [digit, label] of this.centres.entries()) put(label, apart[digit])
  }
}

/**
 * @param {HTMLElement} mark
 * @param {Spot | null} spot null hides it
 */
function put(mark, spot) {
  mark.hidden = !spot
  if (spot) mark.style.transform = `translate(${spot[0]}px, ${spot[1]}px)`
}

/**
 * @param {(Spot | null)[]} spots
 * @param {number} digit
 */
function isAlone(spots, digit) {
  const spot = spots[digit]
  return spots.every((other, i) => {
    if (!spot || !other || i === digit) return true
    return Math.hypot(other[0] - spot[0], other[1] - spot[1]) >= ROOM / 2
  })
}

/**
 * @param {(Spot | null)[]} spots
 * @returns {(Spot | null)[]}
 */
function movedApart(spots) {
  /** @type {(Spot | null)[]} */
  const moved = spots.map((spot) => spot && [spot[0], spot[1]])
  const some = moved.filter((spot) => spot !== null)
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false
    for (const [i, a] of some.entries()) {
      for (const b of some.slice(i + 1)) {
        const x = b[0] - a[0] || 0.01
        const y = b[1] - a[1] || 0.01
        const distance = Math.hypot(x, y)
        if (distance >= ROOM) continue
        const push = (ROOM - distance) / (2 * distance)
        a[0] -= push * x
        a[1] -= push * y
        b[0] += push * x
        b[1] += push * y
        changed = true
      }
    }
    if (!changed) break
  }
  return moved
}
