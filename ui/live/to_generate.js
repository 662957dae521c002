// Taking a z to Generate: Python sets the knobs there, and then the link to it is clicked.

export class ToGenerate {
  // `send` triggers `use` with {z}; see ui/generate/take.py.
  go(send, z) {
    const place = document.querySelector(".st-key-to_generate")
    const mark = () => place.querySelector("[data-taken]")?.dataset.taken
    const before = mark()
    this.close()
    this.observer = new MutationObserver(() => {
      if (mark() === before) return
      this.close()
      place.querySelector("a").click()
    })
    this.observer.observe(place, { subtree: true, childList: true, attributes: true })
    send("use", { z: Array.from(z) })
  }

  close() {
    this.observer?.disconnect()
  }
}
