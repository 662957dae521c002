// The figures of each epoch that a training finishes, for screen readers: once, and not too often.

import { figure } from "./axis.js"

/** @import { CurvesData } from "./curves.js" */

const REST_MS = 10_000

export class EpochSpeech {
  /** @param {HTMLElement} place with the role "status" */
  constructor(place) {
    this.place = place
    this.last = -Infinity
    this.run = ""
    this.epoch = 0
  }

  /** @param {CurvesData} data */
  update({ run, epochs, validatedX, lines }) {
    const epoch = validatedX.at(-1) ?? 0
    const isNew = this.run === run && epoch > this.epoch
    this.run = run
    this.epoch = epoch
    const now = performance.now()
    const due = now > this.last + REST_MS || epoch === epochs
    if (!isNew || !due) return
    this.last = now
    const said = ["loss", "accuracy"].flatMap((key) => {
      if (!lines[key]) return []
      return [`${lines[key].name} ${figure(lines[key].validation.at(-1), lines[key].decimals)}`]
    })
    this.place.textContent = `Epoch ${epoch} of ${epochs}: ${said.join(", ")}.`
  }
}
