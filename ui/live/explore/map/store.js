// The parts of the maps' data, kept until the page is loaded anew. Missing parts are requested from
// the server one at a time: images first, then the latest request.
//
// Keys: "test|MODEL", "train|MODEL" (the points), "facts|MODEL" (about them), "tile|NUMBER".

const store = (globalThis[Symbol.for("vae-lab-map")] ??= {
  parts: new Map(),
  requests: new Map(),
  choices: new Map(),
  source: null,
  asked: null,
  timer: 0,
})
const KEPT = { test: 4, train: 1, facts: 40, tile: 40 }
const FIRST_WAIT = 2000, LONGEST_WAIT = 16000 // Milliseconds until a part is asked for again.
const LATER = 1500 // The same for what the server is computing.

// The part of that key if it is here.
export function part(key) {
  return store.parts.get(key)
}

// A promise of the part.
export function want(key) {
  if (store.parts.has(key)) return Promise.resolve(store.parts.get(key))
  let request = store.requests.get(key)
  if (!request) {
    request = { wait: FIRST_WAIT, due: 0 }
    request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }))
    store.requests.set(key, request)
    askNext()
  }
  return request.promise
}

// What arrives: a value, or an error in words.
export function receive(key, value, error) {
  const request = store.requests.get(key)
  if (error) {
    request?.reject(new Error(error))
  } else {
    store.parts.set(key, value)
    dropOld(kindOf(key))
    request?.resolve(value)
  }
  drop(key)
  askNext()
}

// The server computes that part: it is asked for again a moment later, others before it.
export function postpone(key) {
  const request = store.requests.get(key)
  if (request) request.due = performance.now() + LATER
  answered(key)
  askNext()
}

// The server has no such part.
export function giveUp(key) {
  drop(key)
  askNext()
}

// From now on only images and parts of this model are asked for.
export function keepTo(model) {
  for (const key of [...store.requests.keys()]) {
    if (kindOf(key) !== "tile" && !key.endsWith(`|${model}`)) drop(key)
  }
  askNext()
}

// `ask(key)` asks the server, as long as the element is on the page.
export function connect(element, ask) {
  if (store.source?.element !== element) answered(store.asked)
  store.source = { element, ask }
  askNext()
}

// What a visitor has chosen on the map of this model: an object to read and to change.
export function choices(model) {
  if (!store.choices.has(model)) store.choices.set(model, {})
  return store.choices.get(model)
}

function drop(key) {
  store.requests.delete(key)
  answered(key)
}

function answered(key) {
  if (store.asked !== key) return
  clearTimeout(store.timer)
  store.asked = null
}

function askNext() {
  if (store.asked !== null || !store.source?.element.isConnected) return
  clearTimeout(store.timer)
  const now = performance.now()
  const keys = [...store.requests.keys()]
  const due = keys.filter((key) => store.requests.get(key).due <= now)
  const key = due.filter((other) => kindOf(other) === "tile").pop() ?? due.pop()
  if (key === undefined) {
    const soonest = Math.min(...keys.map((other) => store.requests.get(other).due))
    if (keys.length) store.timer = setTimeout(askNext, soonest - now + 1)
    return
  }
  const request = store.requests.get(key)
  store.asked = key
  store.timer = setTimeout(() => {
    answered(key)
    askNext()
  }, request.wait)
  request.wait = Math.min(2 * request.wait, LONGEST_WAIT)
  store.source.ask(key)
}

function kindOf(key) {
  return key.slice(0, key.indexOf("|"))
}

function dropOld(kind) {
  const keys = [...store.parts.keys()].filter((key) => kindOf(key) === kind)
  for (const key of keys.slice(0, Math.max(0, keys.length - KEPT[kind]))) store.parts.delete(key)
}
