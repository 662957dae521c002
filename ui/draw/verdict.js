// What Python says about the drawing, beside the live element: it is faded while the pen moves and
// until the answer to the last stroke is there.

const PLACE = ".st-key-verdict"
// The canvas reports a stroke 200 ms after its end: what comes earlier is about another one.
const EARLIEST = 150
// If the canvas does not report a stroke, as none that changes nothing.
const LATEST = 5000

function answerMark() {
  return document.querySelector(`${PLACE} [data-answer]`)?.getAttribute("data-answer")
}

export class Verdict {
  // `said`: an element for screen readers.
  constructor(said) {
    this.said = said
    this.penIsDown = false
    this.observer = new MutationObserver(() => {
      const mark = answerMark()
      if (mark === this.mark) return
      this.mark = mark
      if (performance.now() < this.earliest) return
      this.settle()
    })
  }

  outdate() {
    this.penIsDown = true
    this.observer.disconnect()
    clearTimeout(this.timer)
    // The picture over the canvas goes, what is said fades.
    document.querySelector(".st-key-draw")?.setAttribute("data-pen", "down")
  }

  // Wait for the answer of Python to a stroke; each ends with another mark beside the verdict.
  await() {
    this.earliest = performance.now() + EARLIEST
    this.mark = answerMark()
    this.penIsDown = false
    clearTimeout(this.timer)
    const place = document.querySelector(PLACE)
    if (place) {
      const all = { subtree: true, childList: true, characterData: true, attributes: true }
      this.observer.observe(place, all)
    }
    this.timer = setTimeout(() => this.settle(), LATEST)
  }

  // It goes on to observe: on a slow server this can be the answer to an earlier stroke.
  settle() {
    clearTimeout(this.timer)
    this.penIsDown = false
    document.querySelector(".st-key-draw")?.setAttribute("data-pen", "up")
    this.say()
  }

  say() {
    const text = document.querySelector(PLACE)?.innerText ?? ""
    if (this.said.textContent !== text) this.said.textContent = text
  }

  close() {
    this.observer.disconnect()
    this.settle()
  }
}
