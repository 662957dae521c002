// The figures of each epoch that a training finishes, for screen readers: once, and not too often.

import { figure } from "./axis.js"

const REST_MS = 10_000

export class EpochSpeech {
  // `place`: an element with the role "status".
  constructor(place) {
    this.place = place
    this.last = -Infinity
  }

  // `data`: the feed "curves".
  update({ run, epochs, testX, lines }) {
    const epoch = testX.at(-1) ?? 0
    const isNew = this.run === run && epoch > this.epoch
    Object.assign(this, { run, epoch })
    const now = performance.now()
    const due = now > this.last + REST_MS || epoch === epochs
    if (!isNew || !due) return
    this.last = now
    const said = ["loss", "accuracy"].flatMap((key) => {
      if (!lines[key]) return []
      return [`${lines[key].name} ${figure(lines[key].test.at(-1), lines[key].decimals)}`]
    })
    this.place.textContent = `Epoch ${epoch} of ${epochs}: ${said.join(", ")}.`
  }
}
