// Python's answer to the drawing, beside the stages: it is faded while the pen moves and until the
// answer to the last stroke is there.

// The canvas reports a stroke 200 ms after its end: what comes earlier is about another one.
const EARLIEST = 150
// If the canvas does not report a stroke, as none that changes nothing.
const LATEST = 5000

export class AnswerText {
  penIsDown = false
  timer = 0
  earliest = 0
  text = ""

  /** @param {HTMLElement} said for screen readers */
  constructor(said) {
    this.said = said
  }

  /**
   * Python has answered.
   * @param {{run: number, said: string}} answer the number of its run, and what the page says
   */
  update({ run, said }) {
    if (this.said.dataset.answer === String(run)) return
    this.said.dataset.answer = String(run)
    this.text = said
    if (!this.penIsDown && performance.now() >= this.earliest) this.settle()
  }

  outdate() {
    this.penIsDown = true
    clearTimeout(this.timer)
    // The picture over the canvas goes, what is said fades.
    markPen("down")
  }

  /** Wait for the answer to a stroke. */
  waitForAnswer() {
    this.penIsDown = false
    this.earliest = performance.now() + EARLIEST
    this.timer = setTimeout(() => this.settle(), LATEST)
  }

  settle() {
    clearTimeout(this.timer)
    markPen("up")
    if (this.said.textContent !== this.text) this.said.textContent = this.text
  }

  close() {
    clearTimeout(this.timer)
    markPen("up")
  }
}

/** @param {"up" | "down"} state */
function markPen(state) {
  document.querySelector(".st-key-draw")?.setAttribute("data-pen", state)
}
