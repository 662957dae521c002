// What a visitor has chosen on the map of a model: it is kept when the page is changed, and a copied
// link has it; ui/explore/latent_map.py checks what a link says.

import { contribute } from "../../components/link.js"

const choices = new Map() // By the id of the model.

export class MapState {
  constructor() {
    this.known = [] // The projections that there are of the model.
    const read = {
      map: () => (this.projection === this.known[0] ? null : this.projection),
      pin: () => this.pin && `${this.pin.x},${this.pin.y}`,
      shown: () => this.shown.join("") || null,
      as: () => (this.labelled ? this.digit?.toString() ?? null : null),
    }
    this.contributions = Object.entries(read).map(([name, value]) => {
      return contribute(name, () => (this.known.length ? value() : null))
    })
  }

  close() {
    for (const take of this.contributions) take()
  }

  // The choices for another model; `start` as in map.js is for one that nothing was chosen for yet.
  enter({ model, labelled, start: { projection, pin, shown, digit } }) {
    this.known = []
    this.labelled = labelled
    this.chosen = choices.get(model)
    if (this.chosen) return
    this.chosen = { projection, digit, shown: shown ?? [], pins: {} }
    choices.set(model, this.chosen)
    // Without a projection, it is on the one that is shown first.
    if (pin) this.chosen.pins[projection ?? "first"] = { x: pin[0], y: pin[1] }
  }

  // Choose one of the projections that there are; the first one if there is no such.
  choose(projection, known) {
    this.known = known
    this.chosen.projection = known.includes(projection) ? projection : known[0]
    const { pins } = this.chosen
    if (pins.first) pins[this.projection] = pins.first
    delete pins.first
  }

  get projection() {
    return this.chosen.projection
  }

  // The digits that are shown; none stands for all.
  get shown() {
    return this.chosen.shown
  }

  set shown(digits) {
    this.chosen.shown = digits
  }

  // That every place is decoded as; null: that of the nearest point.
  get digit() {
    return this.chosen.digit
  }

  set digit(digit) {
    this.chosen.digit = digit
  }

  // The place {x, y} that is kept in view; each projection has its own.
  get pin() {
    return this.chosen.pins[this.projection] ?? null
  }

  set pin(place) {
    // As the link has it, so that it shows the same.
    const { pins } = this.chosen
    if (place) pins[this.projection] = { x: +place.x.toFixed(4), y: +place.y.toFixed(4) }
    else delete pins[this.projection]
  }
}
