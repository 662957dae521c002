// What mouse, pen, fingers and keys do on the map. The wheel zooms; at the whole map it scrolls the
// page. One finger scrolls the page, taps, or, after it was held still, is followed; two fingers
// move and zoom.

const CLICK = 5 // Pixels that a pointer may move within a click, and a finger within a tap.
const HOLD = 280 // Milliseconds after which a finger that is held still is followed.
const WHEEL_END = 250 // Milliseconds without the wheel until it may scroll the page.
const KEY_STEP = 8, KEY_LEAP = 40 // Pixels.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export class Gestures {
  // `on`: look(x, y), leave(), pin(x, y), zoom(x, y, factor) → whether it changed, move(dx, dy),
  // step(dx, dy), zoomStep(factor), reset(), pinCursor(), unpin(); places in pixels of the element.
  constructor(element, on, guard) {
    this.element = element
    this.on = on
    this.guard = guard
    this.pointers = new Map()
    this.mode = "" // "press", "drag", "hold" or "pinch".
    this.wheeled = -Infinity
    this.timer = 0
    const listen = (name, act, options) => element.addEventListener(name, guard(act), options)
    listen("pointerdown", (event) => this.down(event))
    listen("pointermove", (event) => this.moved(event))
    listen("pointerup", (event) => this.up(event, true))
    listen("pointercancel", (event) => this.up(event, false))
    listen("pointerleave", (event) => {
      if (event.pointerType !== "touch" && !this.pointers.size) on.leave()
    })
    listen("dblclick", (event) => on.zoom(...this.place(event), event.shiftKey ? 0.5 : 2))
    listen("wheel", (event) => this.wheel(event), { passive: false })
    listen("keydown", (event) => this.key(event))
    // The page does not scroll under a finger that is followed, or under two.
    const keep = (event) => {
      if (event.touches.length > 1 || this.mode === "hold") event.preventDefault()
    }
    listen("touchstart", keep, { passive: false })
    listen("touchmove", keep, { passive: false })
    listen("contextmenu", (event) => {
      if (this.mode === "hold" || this.mode === "press") event.preventDefault()
    })
  }

  close() {
    clearTimeout(this.timer)
  }

  place(event) {
    const box = this.element.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  down(event) {
    if (event.button > 0) return
    this.element.focus({ preventScroll: true })
    this.element.dataset.by = "pointer" // The ring around it is for keys.
    this.pointers.set(event.pointerId, this.place(event))
    clearTimeout(this.timer)
    if (event.pointerType !== "touch") this.element.setPointerCapture(event.pointerId)
    this.mode = this.pointers.size > 1 ? "pinch" : "press"
    this.start = this.place(event)
    this.span = this.pinched()
    if (event.pointerType === "touch" && this.mode === "press") {
      this.timer = setTimeout(this.guard(() => {
        this.mode = "hold"
        this.on.look(...this.start)
      }), HOLD)
    }
  }

  moved(event) {
    const [x, y] = this.place(event)
    const before = this.pointers.get(event.pointerId)
    if (!before) {
      if (event.pointerType !== "touch") this.on.look(x, y)
      return
    }
    this.pointers.set(event.pointerId, [x, y])
    const far = Math.hypot(x - this.start[0], y - this.start[1]) > CLICK
    if (this.mode === "pinch") return this.pinch()
    if (this.mode === "hold") return this.on.look(x, y)
    if (this.mode === "press" && far) {
      clearTimeout(this.timer)
      this.mode = event.pointerType === "touch" ? "" : "drag"
    }
    if (this.mode === "drag") this.on.move(x - before[0], y - before[1])
  }

  up(event, done) {
    if (!this.pointers.delete(event.pointerId)) return
    clearTimeout(this.timer)
    if (this.mode === "press" && done) this.on.pin(...this.place(event))
    // The finger that stays after two moves nothing.
    if (!this.pointers.size || this.mode === "pinch") this.mode = ""
  }

  // The middle between the first two fingers and how far they are apart.
  pinched() {
    const [a, b] = this.pointers.values()
    if (!b) return null
    return {
      x: (a[0] + b[0]) / 2,
      y: (a[1] + b[1]) / 2,
      apart: Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1),
    }
  }

  pinch() {
    const now = this.pinched()
    if (!now || !this.span) return
    this.on.move(now.x - this.span.x, now.y - this.span.y)
    this.on.zoom(now.x, now.y, now.apart / this.span.apart)
    this.span = now
  }

  wheel(event) {
    // A wheel reports lines or pixels; a pinch on a touchpad is a wheel with Ctrl.
    const pixels = event.deltaMode === 1 ? 24 * event.deltaY : event.deltaY
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0025))
    const now = performance.now()
    const changed = this.on.zoom(...this.place(event), factor)
    if (changed || event.ctrlKey || now - this.wheeled < WHEEL_END) {
      event.preventDefault()
      this.wheeled = now
    }
  }

  key(event) {
    const step = event.shiftKey ? KEY_LEAP : KEY_STEP
    const acts = {
      "+": () => this.on.zoomStep(1.5),
      "=": () => this.on.zoomStep(1.5),
      "-": () => this.on.zoomStep(1 / 1.5),
      0: () => this.on.reset(),
      Enter: () => this.on.pinCursor(),
      " ": () => this.on.pinCursor(),
      Escape: () => this.on.unpin(),
    }
    const arrow = ARROWS[event.key]
    const act = arrow ? () => this.on.step(step * arrow[0], step * arrow[1]) : acts[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    delete this.element.dataset.by
    act()
  }
}
