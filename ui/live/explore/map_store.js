// The parts of the maps' data, which last as long as the page is not loaded anew, and the asking for
// those that are missing: one at a time, the latest wish first, images before all else.
//
// Keys: "test|MODEL", "train|MODEL" (the points), "facts|MODEL" (about them), "tile|NUMBER".

const store = (globalThis[Symbol.for("vae-lab-map")] ??= {
  parts: new Map(),
  wishes: new Map(),
  choices: new Map(),
  source: null,
  asked: null,
  timer: 0,
})
const KEPT = { test: 4, train: 1, facts: 40, tile: 40 }
const FIRST_WAIT = 2000 // Milliseconds until a part is asked for again, then twice as long.

// The part of that key if it is here.
export function part(key) {
  return store.parts.get(key)
}

// A promise of the part. `wait`: milliseconds that the server may need for it.
export function want(key, wait = FIRST_WAIT) {
  if (store.parts.has(key)) return Promise.resolve(store.parts.get(key))
  let wish = store.wishes.get(key)
  if (!wish) {
    wish = { wait }
    wish.promise = new Promise((resolve, reject) => Object.assign(wish, { resolve, reject }))
    store.wishes.set(key, wish)
    askNext()
  }
  return wish.promise
}

// What arrives: a value, or an error in words.
export function receive(key, value, error) {
  const wish = store.wishes.get(key)
  store.wishes.delete(key)
  if (error) {
    wish?.reject(new Error(error))
  } else {
    store.parts.set(key, value)
    dropOld(kindOf(key))
    wish?.resolve(value)
  }
  if (store.asked === key) {
    clearTimeout(store.timer)
    store.asked = null
  }
  askNext()
}

// `ask(key)` asks the server, as long as the element is on the page.
export function connect(element, ask) {
  if (store.source?.element !== element) {
    clearTimeout(store.timer)
    store.asked = null
  }
  store.source = { element, ask }
  askNext()
}

// What a visitor has chosen on the map of this model: an object to read and to change.
export function choices(model) {
  if (!store.choices.has(model)) store.choices.set(model, {})
  return store.choices.get(model)
}

function askNext() {
  if (store.asked !== null || !store.source?.element.isConnected) return
  const keys = [...store.wishes.keys()]
  const key = keys.filter((other) => kindOf(other) === "tile").pop() ?? keys.pop()
  if (key === undefined) return
  const wish = store.wishes.get(key)
  store.asked = key
  store.timer = setTimeout(() => {
    store.asked = null
    askNext()
  }, wish.wait)
  wish.wait *= 2
  store.source.ask(key)
}

function kindOf(key) {
  return key.slice(0, key.indexOf("|"))
}

function dropOld(kind) {
  const keys = [...store.parts.keys()].filter((key) => kindOf(key) === kind)
  for (const key of keys.slice(0, Math.max(0, keys.length - KEPT[kind]))) store.parts.delete(key)
}
