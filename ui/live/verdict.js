// What Python says about the drawing, beside the live element: it is faded while the pen moves and
// until the answer to the last stroke is there.

const PLACE = ".st-key-verdict"
// The canvas reports a stroke 200 ms after its end: what comes earlier is about another one.
const EARLIEST = 150

export class Verdict {
  // `said`: an element for screen readers.
  constructor(said) {
    this.said = said
    this.penIsDown = false
    this.observer = new MutationObserver(() => {
      if (performance.now() < this.earliest) return
      const then = this.then
      this.settle()
      then?.()
    })
  }

  outdate() {
    this.penIsDown = true
    this.observer.disconnect()
    // The picture over the canvas goes, what is said fades.
    document.querySelector(".st-key-draw")?.setAttribute("data-pen", "down")
  }

  // Python has been told something; each answer changes a mark in the place of the verdict.
  await(then) {
    this.earliest = then ? 0 : performance.now() + EARLIEST
    this.then = then
    this.penIsDown = false
    const place = document.querySelector(PLACE)
    if (place) {
      const all = { subtree: true, childList: true, characterData: true, attributes: true }
      this.observer.observe(place, all)
    }
  }

  settle() {
    this.observer.disconnect()
    this.then = null
    this.penIsDown = false
    document.querySelector(".st-key-draw")?.setAttribute("data-pen", "up")
    this.said.textContent = document.querySelector(PLACE)?.innerText ?? ""
  }
}
