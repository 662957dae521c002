// What the components on a page share. Each is a module of its own, so it hangs on `globalThis`:
// it lasts as long as the page is not loaded anew, over reruns and page switches.

const hub = (globalThis[Symbol.for("vae-lab")] ??= { models: new Map(), waiting: new Map() })
const MAX_MODELS = 4

// The model of that id if it is here; undefined until then.
export function peek(id) {
  return hub.models.get(id)
}

// A promise of the model of that id, once the loader has provided it.
export function model(id) {
  if (hub.models.has(id)) return Promise.resolve(hub.models.get(id))
  return new Promise((resolve, reject) => {
    if (!hub.waiting.has(id)) hub.waiting.set(id, [])
    hub.waiting.get(id).push({ resolve, reject })
  })
}

export function provide(id, loaded) {
  hub.models.delete(id)
  hub.models.set(id, loaded)
  for (const oldest of hub.models.keys()) {
    if (hub.models.size <= MAX_MODELS) break
    hub.models.delete(oldest)
  }
  for (const { resolve } of hub.waiting.get(id) ?? []) resolve(loaded)
  hub.waiting.delete(id)
}

// No model can be used in this browser.
export function refuse(reason) {
  for (const waiting of hub.waiting.values()) {
    for (const { reject } of waiting) reject(new Error(reason))
  }
  hub.waiting.clear()
}
