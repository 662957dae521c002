// The canvas of streamlit-drawable-canvas, read while the pen moves.
//
// The canvas is another component with an open shadow root. Fabric keeps finished strokes on the
// lower of two layers and the one that is being drawn on the upper.

import { canvasLayers, isDrawnOn } from "../components/streamlit.js"

/** @import { Host } from "../components/view.js" */

export const CANVAS_SIDE = 280 // That of vae/data/strokes.py.
const KEY = "canvas" // That of canvas.py.

const layers = document.createElement("canvas")
layers.width = layers.height = CANVAS_SIDE
const context = /** @type {CanvasRenderingContext2D} */ (
  layers.getContext("2d", { willReadFrequently: true })
)

/** The ink of each pixel of the canvas, (280 · 280) in [0, 1], or null while there is no canvas. */
export function readCanvas() {
  const both = canvasLayers(KEY)
  if (!both) return null
  context.clearRect(0, 0, CANVAS_SIDE, CANVAS_SIDE)
  for (const layer of both) context.drawImage(layer, 0, 0)
  const rgba = context.getImageData(0, 0, CANVAS_SIDE, CANVAS_SIDE).data
  const ink = new Float32Array(CANVAS_SIDE ** 2)
  // Float32Array.from with a function takes many times as long.
  for (let i = 0; i < ink.length; i++) ink[i] = rgba[4 * i] / 255 // The canvas is gray.
  return ink
}

/**
 * Do what a mouse would do there.
 * @param {"down" | "move" | "up"} kind
 * @param {number[]} at [x, y] in the canvas' own pixels
 */
export function actAsMouse(kind, [x, y]) {
  const [, canvas] = canvasLayers(KEY) ?? []
  if (!canvas) return
  const { left, top, width, height } = canvas.getBoundingClientRect()
  const event = {
    clientX: left + (x * width) / CANVAS_SIDE,
    clientY: top + (y * height) / CANVAS_SIDE,
    button: 0,
    buttons: kind === "up" ? 0 : 1,
    bubbles: true,
    composed: true,
    cancelable: true,
  }
  // Fabric follows mouse events, `followPen` pointer events.
  canvas.dispatchEvent(new PointerEvent(`pointer${kind}`, event))
  canvas.dispatchEvent(new MouseEvent(`mouse${kind}`, event))
}

/**
 * Follow the pen until the component has left the page.
 * @param {Host} host
 * @param {object} on
 * @param {() => void} on.down called when the pen touches the canvas
 * @param {() => void} on.moved called once for each frame in which the drawing may have changed
 * @param {() => void} on.up called when the last stroke lies on the lower layer
 */
export function followPen(host, { down, moved, up }) {
  let pressed = false
  let frame = 0
  const draw = host.guard(() => {
    frame = 0
    if (!host.closing.signal.aborted) moved()
  })
  const drawSoon = () => {
    frame ||= requestAnimationFrame(draw)
  }
  const end = () => {
    if (!pressed) return
    pressed = false
    cancelAnimationFrame(frame)
    // In the first frame the stroke has left the upper layer and is not on the lower one yet.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        draw()
        up()
      })
    })
  }
  /** @type {(name: string, act: (event: PointerEvent) => void) => void} */
  const on = (name, act) => host.on(document, name, act, { capture: true })
  on("pointerdown", (event) => {
    if (event.button !== 0 || !isDrawnOn(event.composedPath()[0])) return
    pressed = true
    down()
    drawSoon()
  })
  on("pointermove", () => pressed && drawSoon())
  on("pointerup", end)
  on("pointercancel", end)
}
