// What the map waits for: the points, the sentence about them, the model, and all images on request.

import { model, peek } from "../model/hub.js"
import { part, want } from "./map_store.js"

export class Arrivals {
  // `view`: that of map.js.
  constructor(view) {
    this.view = view
  }

  // An event handler for what is about the model that the view shows now.
  about(act) {
    const { view } = this
    const { model: id } = view.data
    return view.host.guard((value) => {
      if (!view.closed && view.data.model === id) act(value)
    })
  }

  // Give the view what there is of its model, at once or as it arrives.
  start() {
    const { view } = this
    const { model: id } = view.data
    view.model = peek(id) ?? null
    if (!view.model) {
      const ready = this.about((loaded) => {
        view.model = loaded
        view.placeDrawing()
      })
      model(id).then(ready, () => {}) // The loader reports it.
    }
    this.facts = null
    this.showFacts(part(`facts|${id}`) ?? null)
    this.receive(`test|${id}`, (test) => {
      view.begin(test, view.chosen.all ? (part(`train|${id}`) ?? null) : null)
      this.receive(`facts|${id}`, (facts) => this.showFacts(facts))
    })
  }

  // `facts`: {said, trainSeconds} about the points and the server, or null.
  showFacts(facts) {
    this.facts = facts
    this.view.panel.part("share").textContent = facts?.said ?? ""
    this.showCount()
  }

  // Show all images, or again only those of the test set.
  toggleAll() {
    const { view, facts } = this
    if (view.points.count > view.test.count) {
      view.chosen.all = false
      view.begin(view.test, null)
      return this.showCount()
    }
    const seconds = facts.trainSeconds
    view.controls.showAll(`Encoding 60,000 images, about ${seconds} s …`, true)
    this.receive(`train|${view.data.model}`, (train) => {
      view.chosen.all = true
      view.begin(view.test, train)
      this.showCount()
    }, 3000 * (1 + seconds))
  }

  // `wait`: as for `want`.
  receive(key, act, wait) {
    const arrived = this.about(act)
    const here = part(key)
    if (here) return arrived(here)
    want(key, wait).then(arrived, this.about((error) => {
      this.showCount()
      this.view.say(error.message)
    }))
  }

  showCount() {
    const { controls, points, test } = this.view
    if (points && points.count > test.count) return controls.showAll("Only the test images", false)
    const time = this.facts ? ` (about ${this.facts.trainSeconds} s)` : ""
    controls.showAll(`All 70,000 images${time}`, !this.facts)
  }
}
