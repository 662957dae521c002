// Taking a z to Generate: Python sets the knobs there, and then the link to it is clicked.

export class ToGenerate {
  // `send` triggers `use` with {z}; see ui/generate/handover.py.
  go(send, z) {
    const mark = () => document.querySelector(".st-key-to_generate [data-taken]")?.dataset.taken
    const link = () => document.querySelector(".st-key-to_generate a")
    const before = mark()
    this.close()
    this.observer = new MutationObserver(() => {
      if (mark() === before || !link()) return
      this.close()
      link().click()
    })
    this.observer.observe(document.body, { subtree: true, childList: true, attributes: true })
    send("use", { z: Array.from(z) })
  }

  close() {
    this.observer?.disconnect()
  }
}
