// The moment of a training that its pictures show: chosen by one component, shown by all.
//
// `epochs` is how many epochs were done then; null stands for the newest picture.

const SHOWN = "vae-lab-moment", WANTED = "vae-lab-seek"

export function announce(run, epochs) {
  document.dispatchEvent(new CustomEvent(SHOWN, { detail: { run, epochs } }))
}

export function seek(run, epochs) {
  document.dispatchEvent(new CustomEvent(WANTED, { detail: { run, epochs } }))
}

// Calls `listener` with {run, epochs} each time; returns a function that ends that.
export function onAnnounce(listener) {
  return listen(SHOWN, listener)
}

export function onSeek(listener) {
  return listen(WANTED, listener)
}

function listen(name, listener) {
  const handler = (event) => listener(event.detail)
  document.addEventListener(name, handler)
  return () => document.removeEventListener(name, handler)
}
