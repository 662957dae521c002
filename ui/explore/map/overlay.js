// What is drawn over the points: the digits at their centres, and marks at places of the map.

import { element } from "../../components/dom.js"

const ROOM = 24 // Pixels between two digits that would lie on each other.
const ROUNDS = 60

export class Overlay {
  constructor(root) {
    this.marks = Object.fromEntries(
      ["near", "own", "pinned", "place"].map((name) => [name, root.querySelector(`.mark.${name}`)]),
    )
    this.centres = Array.from({ length: 10 }, (_, digit) => element("span", {}, [String(digit)]))
    root.querySelector(".centres").replaceChildren(...this.centres)
  }

  // Put everything where it is in the view of map.js; while points travel, nothing.
  place({ chart, points, centres, placeView, place, state: { projection, pin } }) {
    const { x, y } = points.project(projection)
    const { near: i, own } = placeView
    const near = i < 0 ? null : { x: x[i], y: y[i] }
    const at = (spot) => (spot && !chart.travelled ? chart.toScreen(spot) : null)
    this.placeMarks({ near: at(near), own: at(own), pinned: at(pin), place: at(place) })
    this.placeCentres(centres.map((centre, digit) => at(chart.isShown[digit] ? centre : null)))
  }

  // Put marks at places [x, y] of the canvas, in pixels; null hides one.
  placeMarks(places) {
    for (const [name, place] of Object.entries(places)) {
      const mark = this.marks[name]
      mark.hidden = !place
      if (place) mark.style.transform = `translate(${place[0]}px, ${place[1]}px)`
    }
  }

  // `places`: for each digit [x, y], or null to hide it. Digits that would touch are moved apart.
  // Those that would lie on each other are left out: their points are mixed.
  placeCentres(places) {
    const apart = movedApart(places.map((place, digit) => (isAlone(places, digit) ? place : null)))
    this.centres.forEach((label, digit) => {
      label.hidden = !apart[digit]
      if (apart[digit]) label.style.transform = `translate(${apart[digit].join("px, ")}px)`
    })
  }
}

function isAlone(places, digit) {
  const place = places[digit]
  return Boolean(place) && places.every((other, i) => {
    return !other || i === digit || Math.hypot(other[0] - place[0], other[1] - place[1]) >= ROOM / 2
  })
}

function movedApart(places) {
  const moved = places.map((place) => place && [...place])
  const digits = moved.flatMap((place, digit) => (place ? [digit] : []))
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false
    for (const a of digits) {
      for (const b of digits) {
        if (b <= a) continue
        const x = moved[b][0] - moved[a][0] || 0.01 * (b - a)
        const y = moved[b][1] - moved[a][1] || 0.01
        const distance = Math.hypot(x, y)
        if (distance >= ROOM) continue
        const push = (ROOM - distance) / (2 * distance)
        moved[a][0] -= push * x
        moved[a][1] -= push * y
        moved[b][0] += push * x
        moved[b][1] += push * y
        changed = true
      }
    }
    if (!changed) break
  }
  return moved
}
