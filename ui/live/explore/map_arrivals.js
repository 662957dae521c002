// What the map waits for: the points, the sentence about them, the model, and all images on request.

import { model, peek } from "../model/hub.js"
import { part, want } from "./map_store.js"

const WAIT = 6000 // Milliseconds that anything may take, besides the server's computing.

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
    const share = view.panel.part("share")
    share.textContent = part(`share|${id}`)?.said ?? ""
    this.receive(`test|${id}`, (test) => {
      view.begin(test, view.chosen.all ? part(`train|${id}`) : null)
      this.showCount(Boolean(view.chosen.all && part(`train|${id}`)))
      this.receive(`share|${id}`, ({ said }) => { share.textContent = said })
    })
  }

  all() {
    const { view } = this
    const { model: id, trainSeconds } = view.data
    view.controls.showAll(`Encoding 60,000 images, about ${trainSeconds} s …`, true)
    this.receive(`train|${id}`, (train) => {
      view.chosen.all = true
      view.begin(view.test, train)
      this.showCount(true)
    }, WAIT + 3000 * trainSeconds)
  }

  receive(key, act, wait = WAIT) {
    const arrived = this.about(act)
    const here = part(key)
    if (here) return arrived(here)
    want(key, wait).then(arrived, this.about((error) => {
      this.showCount(false)
      this.view.say(error.message)
    }))
  }

  showCount(all) {
    const { controls, data } = this.view
    controls.showAll(all ? "All 70,000 shown" : `All 70,000 (about ${data.trainSeconds} s)`, all)
  }
}
