// The models in this browser. Each is fetched once, and the last few stay as long as the page is
// not loaded anew, over reruns and page switches.

import { base } from "../server.js"
import { Model } from "./engine.js"

const MAX_MODELS = 4

const requests = new Map() // The promise of each model by its id.
const models = new Map()

// The model of that id if it is here; undefined until then.
export function peek(id) {
  return models.get(id)
}

// A promise of the model of that id.
export function model(id) {
  if (!requests.has(id)) requests.set(id, load(id))
  return requests.get(id)
}

async function load(id) {
  try {
    const response = await fetch(new URL(`models/${encodeURIComponent(id)}`, base))
    if (!response.ok) throw new Error(`The model ${id} could not be loaded: ${response.status}.`)
    models.set(id, new Model(new Uint8Array(await response.arrayBuffer())))
  } catch (error) {
    requests.delete(id)
    throw error
  }
  const [oldest] = models.keys()
  if (models.size > MAX_MODELS) {
    models.delete(oldest)
    requests.delete(oldest)
  }
  return models.get(id)
}
