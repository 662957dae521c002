// What a model drew at the moments of its training: a picture, a slider over the moments, and play.
//
// The feed "film" has all moments but only some of their pictures, always the newest. The others
// are asked for when somebody wants to see them, and kept here as long as the page is not loaded
// anew. `data` is {run, caption}.

import { newest, onPush } from "./feeds.js"
import { announce, onSeek } from "./moment.js"
import { append, component, nearest } from "./view.js"

const FRAME_MS = 250, ASK_AGAIN_MS = 3000, MAX_RUNS = 3
const kept = new Map() // Run → moment → picture, over page switches.

class Film {
  constructor(parent, host) {
    this.host = host
    this.at = null // The chosen moment, epochs done; null: the newest.
    this.askedAt = -Infinity
    this.timer = 0
    const root = parent.querySelector(".film")
    root.replaceChildren()
    this.image = append(root, "img", "picture")
    const row = append(root, "div", "row")
    this.play = append(row, "button", "play")
    this.play.type = "button"
    this.slider = append(row, "input", "slider")
    Object.assign(this.slider, { type: "range", min: 0, step: 1 })
    this.slider.setAttribute("aria-label", "Moment of the training")
    this.label = append(row, "span", "label")
    this.caption = append(root, "div", "caption")
    // The element is on the page before its data.
    const guard = (act) => host.guard((event) => this.data && act(event))
    this.play.addEventListener("click", guard(() => (this.timer ? this.stop() : this.start())))
    this.play.addEventListener("pointerenter", guard(() => this.fetch()))
    this.slider.addEventListener("pointerenter", guard(() => this.fetch()))
    this.slider.addEventListener("focus", guard(() => this.fetch()))
    this.slider.addEventListener("input", guard(() => {
      this.stop()
      this.go(Number(this.slider.value))
    }))
    this.stopFeed = onPush("film", host.guard((data) => this.feed(data)))
    this.stopListening = onSeek(guard(({ run, epochs }) => {
      if (run !== this.data.run || this.moments.length < 2) return
      this.stop()
      this.go(nearest(this.moments, epochs))
    }))
  }

  close() {
    this.stop()
    this.stopListening()
    this.stopFeed()
  }

  expect({ run, caption }) {
    this.run = run
    this.caption.textContent = caption
    this.feed(newest("film"))
  }

  feed(data) {
    if (data?.run === this.run) this.update(data)
  }

  get moments() {
    return this.data.moments.map(([epochs]) => epochs)
  }

  update(data) {
    if (this.data?.run !== data.run) {
      this.stop()
      this.at = null
      this.askedAt = -Infinity
    }
    this.data = data
    this.frames = kept.get(data.run) ?? new Map()
    kept.delete(data.run)
    kept.set(data.run, this.frames)
    for (const run of kept.keys()) {
      if (kept.size > MAX_RUNS) kept.delete(run)
    }
    for (const [epochs, png] of data.frames) this.frames.set(epochs, png)
    // Pictures of moments that are no longer shown are dropped: the memory stays bounded however
    // long the training is.
    const moments = new Set(this.moments)
    for (const epochs of this.frames.keys()) {
      if (!moments.has(epochs)) this.frames.delete(epochs)
    }
    if (this.at !== null && !moments.has(this.at)) {
      this.at = this.moments[nearest(this.moments, this.at)] ?? null
    }
    this.draw()
  }

  draw() {
    const { moments } = this, last = moments.length - 1
    const index = this.at === null ? last : moments.indexOf(this.at)
    this.slider.max = Math.max(last, 0)
    this.slider.value = index
    this.image.hidden = this.caption.hidden = last < 0
    const alone = moments.length < 2
    this.slider.hidden = this.play.hidden = alone
    const name = this.timer ? "Stop" : "Play"
    if (this.play.getAttribute("aria-label") !== name) {
      this.play.setAttribute("aria-label", name)
      this.play.title = this.timer ? "Stop" : "Play from the beginning"
      this.play.textContent = this.timer ? "❚❚" : "▶"
    }
    const when = this.data.moments[index]?.[1] ?? "No pictures."
    this.label.textContent = when
    this.slider.setAttribute("aria-valuetext", when)
    const png = this.frames.get(moments[index])
    if (png === undefined) {
      this.fetch()
    } else {
      const source = `data:image/png;base64,${png}`
      if (this.image.src !== source) this.image.src = source
      this.image.alt = `What the model draws ${when}`
    }
    if (this.announced !== `${this.data.run} ${this.at}`) {
      this.announced = `${this.data.run} ${this.at}`
      announce(this.data.run, this.at)
    }
  }

  go(index) {
    const { moments } = this
    this.at = index >= moments.length - 1 ? null : moments[index]
    this.draw()
  }

  // Ask for the pictures that are not here.
  fetch() {
    const missing = this.moments.filter((epochs) => !this.frames.has(epochs))
    if (!missing.length || performance.now() < this.askedAt + ASK_AGAIN_MS) return
    this.askedAt = performance.now()
    this.host.trigger("want", missing)
  }

  start() {
    const first = this.at === null ? 0 : this.moments.indexOf(this.at)
    this.go(first)
    this.timer = setInterval(this.host.guard(() => this.next()), FRAME_MS)
    this.draw()
  }

  next() {
    const { moments } = this
    const index = this.at === null ? moments.length - 1 : moments.indexOf(this.at)
    if (index >= moments.length - 1) return this.stop()
    if (this.frames.has(moments[index + 1])) this.go(index + 1)
    else this.fetch()
  }

  stop() {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = 0
    this.draw()
  }
}

export default component(Film)
