// The models in this browser. Each is fetched once, and the last few stay as long as the page is
// not loaded anew, over reruns and page switches.

import { live } from "../components/server.js"
import { Model } from "./engine.js"

const MAX_MODELS = 4

/** @type {Map<string, Promise<Model>>} each model by its id */
const requests = new Map()
/** @type {Map<string, Model>} those that are here */
const models = new Map()

/**
 * The model of that id if it is here; undefined until then.
 * @param {string} id
 */
export function peek(id) {
  return models.get(id)
}

/**
 * A promise of the model of that id.
 * @type {(id: string) => Promise<Model>}
 */
export function model(id) {
  const request = requests.get(id) ?? load(id)
  requests.set(id, request)
  return request
}

/** @param {string} id */
async function load(id) {
  try {
    const response = await fetch(new URL(`models/${encodeURIComponent(id)}`, live))
    if (!response.ok) throw new Error(`The model ${id} could not be loaded: ${response.status}.`)
    const loaded = new Model(new Uint8Array(await response.arrayBuffer()))
    models.set(id, loaded)
    const [oldest] = models.keys()
    if (models.size > MAX_MODELS) {
      models.delete(oldest)
      requests.delete(oldest)
    }
    return loaded
  } catch (error) {
    requests.delete(id)
    throw error
  }
}
