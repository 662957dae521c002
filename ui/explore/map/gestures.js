// What mouse, pen, fingers and keys do on the map. The wheel zooms; at the whole map it scrolls the
// page. One finger scrolls the page, taps, or, after it was held still, is followed; two fingers
// move and zoom.

/** @import { Spot } from "./chart.js" */

const CLICK = 5 // Pixels that a pointer may move within a click, and a finger within a tap.
const HOLD = 280 // Milliseconds after which a finger that is held still is followed.
const WHEEL_END = 250 // Milliseconds without the wheel until it may scroll the page.
const KEY_STEP = 8 // Pixels, as the next one, which is that with Shift.
const KEY_LEAP = 40
/** @type {Record<string, Spot>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * What they do; places and ways in pixels of the element.
 * @typedef {object} Actions
 * @property {(x: number, y: number) => void} look
 * @property {() => void} leave
 * @property {(x: number, y: number) => void} pin
 * @property {(x: number, y: number, factor: number) => boolean} zoom returns whether it changed
 * @property {(x: number, y: number) => void} move
 * @property {(x: number, y: number) => void} step
 * @property {(factor: number) => void} zoomStep
 * @property {() => void} reset
 * @property {() => void} pinCursor
 * @property {() => void} unpin
 */

export class Gestures {
  /**
   * @param {HTMLElement} element
   * @param {Actions} actions
   * @param {(act: (event: any) => void) => (event?: unknown) => void} guard
   */
  constructor(element, actions, guard) {
    this.element = element
    this.actions = actions
    this.guard = guard
    /** @type {Map<number, Spot>} where each is, by its id */
    this.pointers = new Map()
    /** @type {"" | "press" | "drag" | "hold" | "pinch"} */
    this.mode = ""
    /** @type {Spot} of the press */
    this.start = [0, 0]
    this.span = this.pinched()
    this.wheeled = -Infinity
    this.timer = 0
    /** @type {(name: string, act: (event: any) => void, options?: AddEventListenerOptions) => void} */
    const on = (name, act, options) => element.addEventListener(name, guard(act), options)
    on("pointerdown", (event) => this.down(event))
    on("pointermove", (event) => this.moved(event))
    on("pointerup", (event) => this.up(event, true))
    on("pointercancel", (event) => this.up(event, false))
    on("pointerleave", (event) => {
      if (event.pointerType !== "touch" && !this.pointers.size) actions.leave()
    })
    on("dblclick", (event) => actions.zoom(...this.place(event), event.shiftKey ? 0.5 : 2))
    on("wheel", (event) => this.wheel(event), { passive: false })
    on("keydown", (event) => this.key(event))
    // The page does not scroll under a finger that is followed, or under two.
    /** @param {TouchEvent} event */
    const keep = (event) => {
      if (event.touches.length > 1 || this.mode === "hold") event.preventDefault()
    }
    on("touchstart", keep, { passive: false })
    on("touchmove", keep, { passive: false })
    on("contextmenu", (event) => {
      if (this.mode === "hold" || this.mode === "press") event.preventDefault()
    })
  }

  close() {
    clearTimeout(this.timer)
  }

  /**
   * @param {MouseEvent} event
   * @returns {Spot}
   */
  place(event) {
    const box = this.element.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  /** @param {PointerEvent} event */
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
    if (event.pointerType !== "touch" || this.mode !== "press") return
    const hold = this.guard(() => {
      this.mode = "hold"
      this.actions.look(...this.start)
    })
    this.timer = setTimeout(hold, HOLD)
  }

  /** @param {PointerEvent} event */
  moved(event) {
    const [x, y] = this.place(event)
    const before = this.pointers.get(event.pointerId)
    if (!before) {
      if (event.pointerType !== "touch") this.actions.look(x, y)
      return
    }
    this.pointers.set(event.pointerId, [x, y])
    const far = Math.hypot(x - this.start[0], y - this.start[1]) > CLICK
    if (this.mode === "pinch") return this.pinch()
    if (this.mode === "hold") return this.actions.look(x, y)
    if (this.mode === "press" && far) {
      clearTimeout(this.timer)
      this.mode = event.pointerType === "touch" ? "" : "drag"
    }
    if (this.mode === "drag") this.actions.move(x - before[0], y - before[1])
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} done whether it was not cancelled
   */
  up(event, done) {
    if (!this.pointers.delete(event.pointerId)) return
    clearTimeout(this.timer)
    if (this.mode === "press" && done) this.actions.pin(...this.place(event))
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
    this.actions.move(now.x - this.span.x, now.y - this.span.y)
    this.actions.zoom(now.x, now.y, now.apart / this.span.apart)
    this.span = now
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    // A wheel reports lines or pixels; a pinch on a touchpad is a wheel with Ctrl.
    const pixels = event.deltaMode === 1 ? 24 * event.deltaY : event.deltaY
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0025))
    const now = performance.now()
    const changed = this.actions.zoom(...this.place(event), factor)
    if (changed || event.ctrlKey || now - this.wheeled < WHEEL_END) {
      event.preventDefault()
      this.wheeled = now
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { actions } = this
    const step = event.shiftKey ? KEY_LEAP : KEY_STEP
    /** @type {Record<string, () => void>} */
    const acts = {
      "+": () => actions.zoomStep(1.5),
      "=": () => actions.zoomStep(1.5),
      "-": () => actions.zoomStep(1 / 1.5),
      0: () => actions.reset(),
      Enter: () => actions.pinCursor(),
      " ": () => actions.pinCursor(),
      Escape: () => actions.unpin(),
    }
    const arrow = ARROWS[event.key]
    const act = arrow ? () => actions.step(step * arrow[0], step * arrow[1]) : acts[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    delete this.element.dataset.by
    act()
  }
}
