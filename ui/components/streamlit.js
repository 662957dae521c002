// What our code knows of elements that are not ours: of Streamlit, and of streamlit-drawable-canvas.
// An element with a `key=` has the class st-key-NAME, which is documented: that is used anywhere.
//
// Each selector is a constant here; tests/ui/test_streamlit_selectors.py looks for it in the app.

const APP = "[data-testid=stApp]"
const MAIN = "main"
const CONTENT = "[data-testid=stMainBlockContainer]"
const FORM = "[data-testid=stForm]"
const RUNNING = "[data-test-script-state]:not([data-test-script-state=notRunning])"
const SLIDER = "[role=group]"
const DRAGGED = "[data-dragging]"
/** The layer of the canvas with the finished strokes, and the one that is being drawn on. */
const LOWER = "canvas.dc-canvas.lower-canvas"
const UPPER = "canvas.upper-canvas"

/** The part of the window that scrolls, below and with the header. */
export function main() {
  return /** @type {HTMLElement} */ (document.querySelector(MAIN))
}

/** What scrolls in it: as high as the page is. */
export function content() {
  return /** @type {HTMLElement} */ (document.querySelector(CONTENT))
}

/**
 * Whether it is in a form, whose fields are not sent before its button is pressed.
 * @param {Element} element
 */
export function isInForm(element) {
  return element.closest(FORM) !== null
}

/** Whether the server runs the script for this page, as far as the browser knows. */
export function isScriptRunning() {
  return document.querySelector(RUNNING) !== null
}

/**
 * Call `act` when that may have changed.
 * @param {() => void} act
 */
export function followScript(act) {
  const what = { subtree: true, attributeFilter: ["data-test-script-state"] }
  new MutationObserver(act).observe(document.body, what)
}

/**
 * Whether a pointer has hold of the slider with this field, or of any.
 * @param {Element} [input]
 */
export function isDragged(input) {
  const slider = input ? input.closest(SLIDER) : document
  return Boolean(slider?.querySelector(DRAGGED))
}

/**
 * The two layers of the canvas in the element with this key, the finished strokes first.
 * @param {string} key
 * @returns {HTMLCanvasElement[] | null} null while there is no canvas
 */
export function canvasLayers(key) {
  for (const { shadowRoot } of document.querySelectorAll(`.st-key-${key} *`)) {
    /** @type {HTMLCanvasElement | null | undefined} */
    const lower = shadowRoot?.querySelector(LOWER)
    /** @type {HTMLCanvasElement | null | undefined} */
    const upper = shadowRoot?.querySelector(UPPER)
    if (lower && upper) return [lower, upper]
  }
  return null
}

/**
 * Whether it is the layer of the canvas that is drawn on.
 * @param {EventTarget} target
 */
export function isDrawnOn(target) {
  return target instanceof Element && target.matches(UPPER)
}

/**
 * Call `act` with the color scheme of the app's theme, now and after each change of it. Returns a
 * function that ends it.
 * @param {(scheme: string) => void} act
 */
export function followTheme(act) {
  const app = /** @type {HTMLElement} */ (document.querySelector(APP))
  const tell = () => act(getComputedStyle(app).colorScheme)
  tell()
  const observer = new MutationObserver(tell)
  observer.observe(app, { attributeFilter: ["class"] })
  return () => observer.disconnect()
}
