// What Python says about the drawing, beside the live element: it is faded while the pen moves and
// until the answer to the last stroke is there.

const PLACE = ".st-key-verdict"
// The canvas reports a stroke 200 ms after its end: what comes earlier is about another one.
const EARLIEST = 150
// If the canvas does not report a stroke, as none that changes nothing.
const LATEST = 5000

export class Verdict {
  /** @param {HTMLElement} said for screen readers */
  constructor(said) {
    this.said = said
    this.penIsDown = false
    this.timer = 0
    this.earliest = 0
    this.mark = answerMark()
    this.observer = new MutationObserver(() => {
      const mark = answerMark()
      if (mark === this.mark) return
      this.mark = mark
      // It goes on to observe: on a slow server this can be the answer to an earlier stroke.
      if (performance.now() >= this.earliest) this.settle()
    })
  }

  outdate() {
    this.penIsDown = true
    this.observer.disconnect()
    clearTimeout(this.timer)
    // The picture over the canvas goes, what is said fades.
    markPen("down")
  }

  /** Wait for the answer of Python to a stroke; each ends with another mark beside the verdict. */
  waitForAnswer() {
    this.penIsDown = false
    this.earliest = performance.now() + EARLIEST
    this.mark = answerMark()
    const place = document.querySelector(PLACE)
    const all = { subtree: true, childList: true, characterData: true, attributes: true }
    if (place) this.observer.observe(place, all)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.settle(), LATEST)
  }

  settle() {
    clearTimeout(this.timer)
    markPen("up")
    this.say()
  }

  say() {
    /** @type {HTMLElement | null} */
    const place = document.querySelector(PLACE)
    // biome-ignore lint/performance/useDomNodeTextContent: as many lines as are seen
    const text = place?.innerText ?? ""
    if (this.said.textContent !== text) this.said.textContent = text
  }

  close() {
    this.observer.disconnect()
    this.settle()
  }
}

function answerMark() {
  return document.querySelector(`${PLACE} [data-answer]`)?.getAttribute("data-answer")
}

/** @param {"up" | "down"} state */
function markPen(state) {
  document.querySelector(".st-key-draw")?.setAttribute("data-pen", state)
}
