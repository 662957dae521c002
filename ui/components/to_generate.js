// Taking a z to Generate: Python sets the knobs there, and then the link to it is clicked.

export class ToGenerate {
  /**
   * @param {(name: string, value: unknown) => void} send triggers `use`: see ui/components/handover.py
   * @param {Float32Array} z (zDim,)
   */
  go(send, z) {
    const before = mark()
    this.close()
    this.observer = new MutationObserver(() => {
      /** @type {HTMLAnchorElement | null} */
      const link = document.querySelector(".st-key-to_generate a")
      if (mark() === before || !link) return
      this.close()
      link.click()
    })
    this.observer.observe(document.body, { subtree: true, childList: true, attributes: true })
    send("use", { z: Array.from(z) })
  }

  close() {
    this.observer?.disconnect()
  }
}

function mark() {
  return document.querySelector(".st-key-to_generate [data-taken]")?.getAttribute("data-taken")
}
