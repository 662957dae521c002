// Gets what the map shows: the points, facts about them, the model, and all images on request.

import { model, peek } from "../../model/hub.js"
import { TEST_IMAGES, thousands, TRAINING_IMAGES } from "./facts.js"
import { keepTo, part, want } from "./store.js"

export class Loading {
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
    keepTo(id)
    view.model = peek(id) ?? null
    if (!view.model) {
      const ready = this.about((loaded) => {
        view.model = loaded
        view.placeDrawing()
      })
      model(id).then(ready, view.host.guard((error) => { throw error }))
    }
    this.facts = null
    this.showFacts(part(`facts|${id}`) ?? null)
    this.receive(`test|${id}`, (test) => {
      view.begin(test, view.state.all ? (part(`train|${id}`) ?? null) : null)
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
      view.state.all = false
      view.begin(view.test, null)
      return this.showCount()
    }
    const count = thousands(TRAINING_IMAGES)
    view.controls.showAll(`Encoding ${count} images, about ${facts.trainSeconds} s …`, true)
    this.receive(`train|${view.data.model}`, (train) => {
      view.state.all = true
      view.begin(view.test, train)
      this.showCount()
    })
  }

  receive(key, act) {
    const arrived = this.about(act)
    const here = part(key)
    if (here) return arrived(here)
    want(key).then(arrived, this.about((error) => {
      this.showCount()
      this.view.say(error.message)
    }))
  }

  showCount() {
    const { controls, points, test } = this.view
    if (points && points.count > test.count) return controls.showAll("Only the test images", false)
    const time = this.facts ? ` (about ${this.facts.trainSeconds} s)` : ""
    const all = thousands(TEST_IMAGES + TRAINING_IMAGES)
    controls.showAll(`All ${all} images${time}`, !this.facts)
  }
}
