// The moment of a training that its pictures show: chosen by one component, shown by all.

/**
 * @typedef {object} Moment
 * @property {string} run its id
 * @property {number | null} epochs how many were done then; null: the newest picture
 */

const SHOWN = "vae-lab-moment"
const WANTED = "vae-lab-seek"

/**
 * The pictures show this moment.
 * @param {string} run
 * @param {number | null} epochs
 */
export function announce(run, epochs) {
  document.dispatchEvent(new CustomEvent(SHOWN, { detail: { run, epochs } }))
}

/**
 * Show the moment nearest to this one.
 * @param {string} run
 * @param {number} epochs
 */
export function seek(run, epochs) {
  document.dispatchEvent(new CustomEvent(WANTED, { detail: { run, epochs } }))
}

/**
 * Calls `listener` each time; returns a function that ends that.
 * @param {(moment: Moment) => void} listener
 */
export function onAnnounce(listener) {
  return listen(SHOWN, listener)
}

/**
 * As `onAnnounce`.
 * @param {(moment: Moment) => void} listener
 */
export function onSeek(listener) {
  return listen(WANTED, listener)
}

/**
 * @param {string} name
 * @param {(moment: Moment) => void} listener
 */
function listen(name, listener) {
  /** @param {Event} event */
  const handler = (event) => listener(/** @type {CustomEvent} */ (event).detail)
  document.addEventListener(name, handler)
  return () => document.removeEventListener(name, handler)
}
