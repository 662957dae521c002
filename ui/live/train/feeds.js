// What the page sends to its components again and again: the newest value by name. It is kept here,
// so that a component that is made later finds it.

const feeds = (globalThis[Symbol.for("vae-lab-feeds")] ??= new Map())
const FED = "vae-lab-feed"

export function push(name, value) {
  feeds.set(name, value)
  document.dispatchEvent(new CustomEvent(FED, { detail: name }))
}

export function newest(name) {
  return feeds.get(name)
}

// Calls `listener` with each value of that name; returns a function that ends that.
export function onPush(name, listener) {
  const handler = (event) => event.detail === name && listener(feeds.get(name))
  document.addEventListener(FED, handler)
  return () => document.removeEventListener(FED, handler)
}
