// What Python says about the drawing, beside the live element: it is faded while the pen moves and
// until the answer to the last stroke is there.

const PAGE = ".st-key-draw"
const PLACE = ".st-key-answer_text"
// The canvas reports a stroke 200 ms after its end: what comes earlier is about another one.
const EARLIEST = 150
// If the canvas does not report a stroke, as none that changes nothing.
const LATEST = 5000

export class AnswerText {
  /** @param {HTMLElement} said for screen readers */
  constructor(said) {
    this.said = said
    this.penIsDown = false
    this.timer = 0
    this.earliest = 0
    this.mark = answerMark()
    // Always, as a stroke can begin before this is here, and an answer can be that to an earlier one.
    this.observer = new MutationObserver(() => {
      const mark = answerMark()
      if (mark === this.mark) return
      this.mark = mark
      if (!this.penIsDown && performance.now() >= this.earliest) this.settle()
    })
    const all = { subtree: true, childList: true, characterData: true, attributes: true }
    const page = document.querySelector(PAGE)
    if (page) this.observer.observe(page, all)
  }

  outdate() {
    this.penIsDown = true
    clearTimeout(this.timer)
    // The picture over the canvas goes, what is said fades.
    markPen("down")
  }

  /** Wait for the answer of Python to a stroke; each ends with another mark beside it. */
  waitForAnswer() {
    this.penIsDown = false
    this.earliest = performance.now() + EARLIEST
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
  document.querySelector(PAGE)?.setAttribute("data-pen", state)
}
