// What a visitor has chosen on the map of a model: it is kept when the page is changed, and a copied
// link has it; ui/explore/latent_map.py checks what a link says.

import { contribute } from "../../components/link.js"

/** @import { MapData } from "./data.js" */
/** @import { Place, Projection } from "./points.js" */

/**
 * @typedef {object} Choices
 * @property {Projection | null} projection null: the first one that there is
 * @property {number[]} shown the digits that are shown; none stands for all
 * @property {number | null} digit that every place is decoded as; null: that of the nearest point
 * @property {Record<string, Place>} pins the place that is kept in view, by the projection
 */

/** @type {Map<string, Choices>} by the id of the model */
const choices = new Map()

export class MapState {
  /** @type {Choices} */
  chosen

  constructor() {
    /** @type {Projection[]} those that there are of the model; none until they are known */
    this.known = []
    this.labelled = false
    /** @type {Record<string, () => string | null>} */
    const read = {
      map: () => (this.projection === this.known[0] ? null : this.projection),
      pin: () => this.pin && `${this.pin.x},${this.pin.y}`,
      shown: () => this.chosen.shown.join("") || null,
      as: () => (this.labelled && this.chosen.digit !== null ? String(this.chosen.digit) : null),
    }
    this.contributions = Object.entries(read).map(([name, value]) => {
      return contribute(name, () => (this.known.length ? value() : null))
    })
  }

  close() {
    for (const take of this.contributions) take()
  }

  /**
   * The choices for another model: those of the link, if nothing was chosen for it yet.
   * @param {MapData} data
   */
  enter({ model, labelled, start: { projection, pin, shown, digit } }) {
    this.known = []
    this.labelled = labelled
    this.chosen = choices.get(model) ?? { projection, digit, shown: shown ?? [], pins: {} }
    if (choices.has(model)) return
    choices.set(model, this.chosen)
    // Without a projection, it is on the one that is shown first.
    if (pin) this.chosen.pins[projection ?? "first"] = { x: pin[0], y: pin[1] }
  }

  /**
   * Choose one of the projections that there are; the first one if there is no such.
   * @param {Projection | null} projection
   * @param {Projection[]} known
   */
  choose(projection, known) {
    this.known = known
    this.chosen.projection = known.find((name) => name === projection) ?? known[0]
    const { pins } = this.chosen
    if (pins.first) pins[this.projection] = pins.first
    delete pins.first
  }

  get projection() {
    return this.chosen.projection ?? this.known[0]
  }

  // As the link has it, so that it shows the same.
  /** @type {Place | null} */
  get pin() {
    return this.chosen.pins[this.projection] ?? null
  }

  set pin(place) {
    const { pins } = this.chosen
    if (place) pins[this.projection] = { x: +place.x.toFixed(4), y: +place.y.toFixed(4) }
    else delete pins[this.projection]
  }
}
