// What the components on a page share. Each is a module of its own, so it hangs on `globalThis`:
// it lasts as long as the page is not loaded anew, over reruns and page switches.

const hub = (globalThis[Symbol.for("vae-lab")] ??= { models: new Map(), waiting: new Map() })
const MAX_MODELS = 4

// The model of that id if it is here; undefined until then.
export function peek(id) {
  return hub.models.get(id)
}

// A promise of the model of that id, once a loader has provided it.
export function model(id) {
  if (hub.models.has(id)) return Promise.resolve(hub.models.get(id))
  if (!hub.waiting.has(id)) {
    let settle
    const promise = new Promise((resolve, reject) => { settle = { resolve, reject } })
    promise.catch(() => {})
    hub.waiting.set(id, { promise, ...settle })
  }
  return hub.waiting.get(id).promise
}

export function provide(id, loaded) {
  hub.models.delete(id)
  hub.models.set(id, loaded)
  for (const oldest of hub.models.keys()) {
    if (hub.models.size <= MAX_MODELS) break
    hub.models.delete(oldest)
  }
  hub.waiting.get(id)?.resolve(loaded)
  hub.waiting.delete(id)
}

export function refuse(id, error) {
  hub.waiting.get(id)?.reject(error)
  hub.waiting.delete(id)
}
