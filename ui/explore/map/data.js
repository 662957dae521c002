// What the map gets: the data of the component, and what is fetched from the server, each once until
// the page is loaded anew.

import { live } from "../../components/server.js"
import { readSafetensors } from "../../engine/safetensors.js"

/** @import { Names } from "../live_view.js" */
/** @import { Projection } from "./points.js" */

/**
 * What a link says, each null for nothing.
 * @typedef {object} Start
 * @property {Projection | null} projection
 * @property {[number, number] | null} pin
 * @property {number[] | null} shown digits
 * @property {number | null} digit
 */

/**
 * @typedef {object} MapData
 * @property {string} model its id
 * @property {number} zDim
 * @property {boolean} labelled whether the decoder is given a digit
 * @property {Names} names
 * @property {string} explanation of what the map shows
 * @property {string} waiting what is being loaded, in words
 * @property {string} images the address of the test images, below that of the app
 * @property {string} other what the button to the other kind of model says, or ""
 * @property {Start} start
 * @property {string | null} drawing 784 bytes as base64
 */

/**
 * The test images in the latent space of a model, as ui/explore/map_data.py describes them.
 * @typedef {object} PointsData
 * @property {Float32Array} mu (n · zDim,)
 * @property {Float32Array} y the digits, (n,)
 * @property {Float32Array} origin of the plane, (zDim,)
 * @property {Float32Array} axes of the plane, (2 · zDim,)
 * @property {Float32Array} shares of the variance that are along the axes, (2,)
 * @property {Float32Array} [embedding] (n · 2,), if the model has one
 */

/** @type {Map<string, Promise<any>>} by their addresses */
const requests = new Map()

/**
 * A promise of the test images, and of a sentence about them.
 * @param {string} model its id
 * @returns {Promise<PointsData & {said: string}>}
 */
export function pointsOf(model) {
  return once(`maps/${encodeURIComponent(model)}`, (bytes) => {
    const { tensors, metadata } = readSafetensors(bytes)
    const { mu, y, origin, axes, shares, embedding } = tensors
    return { mu, y, origin, axes, shares, embedding, said: metadata.said }
  })
}

/**
 * A promise of the pixels of all test images, 784 bytes each.
 * @param {string} address
 * @returns {Promise<Uint8Array>}
 */
export function imagesAt(address) {
  return once(address, (bytes) => bytes)
}

/**
 * @param {string} address
 * @param {(bytes: Uint8Array) => unknown} read
 */
function once(address, read) {
  const request = requests.get(address) ?? load(address, read)
  requests.set(address, request)
  return request
}

/**
 * @param {string} address
 * @param {(bytes: Uint8Array) => unknown} read
 */
async function load(address, read) {
  try {
    const response = await fetch(new URL(address, live))
    if (!response.ok) throw new Error(await response.text())
    return read(new Uint8Array(await response.arrayBuffer()))
  } catch (error) {
    requests.delete(address)
    throw error
  }
}
