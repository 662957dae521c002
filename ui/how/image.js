// The image that the page How it works follows, and what the encoder makes of it.

import { decoded } from "../components/numbers.js"
import { softmax } from "../engine/maths.js"
import { model } from "../engine/model_cache.js"

/** @import { Model } from "../engine/engine.js" */
/** @import { Host } from "../components/view.js" */

/**
 * What ui/how/image.py sends.
 * @typedef {object} PageData
 * @property {string} model its id
 * @property {string} x 784 float32 as base64
 * @property {number | null} label its digit, or null if nobody knows it
 * @property {string} title what it is
 */

/**
 * @template {PageData} Data
 * @typedef {object} Followed
 * @property {Model} model
 * @property {Float32Array} x (784,) in [0, 1]
 * @property {number | null} label
 * @property {string} title
 * @property {Float32Array} logits the classifier's, (10,)
 * @property {Float32Array} prob the classifier's, (10,)
 * @property {Float32Array} mu of q(z | x), (zDim,), for the classifier's probabilities
 * @property {Float32Array} logVar as mu
 * @property {Float32Array} sigma as mu
 * @property {Data} data with what else a step's Python has sent
 */

/**
 * Call `show(image)` once the model is here, and again with each other image or model. Returns
 * {update, close} as a view has them, see ../view.js.
 * @template {PageData} Data
 * @param {Host} host reports an error
 * @param {(image: Followed<Data>) => void} show
 */
export function followImage(host, show) {
  /** @type {Data | null} */
  let newest = null
  /** @param {Data} data */
  const update = (data) => {
    // Streamlit sends the same again when the theme changes.
    if (JSON.stringify(newest) === JSON.stringify(data)) return
    newest = data
    model(data.model)
      .then((loaded) => {
        if (newest === data) show(imageOf(loaded, data))
      })
      .catch(host.report)
  }
  // A model that comes later is shown no more.
  return {
    update,
    close: () => {
      newest = null
    },
  }
}

/**
 * @template {PageData} Data
 * @param {Model} loaded
 * @param {Data} data
 */
function imageOf(loaded, data) {
  const x = decoded(data.x)
  const logits = loaded.classify(x)
  const prob = softmax(logits)
  const { mu, logVar } = loaded.encode(x, prob)
  const sigma = sigmaOf(logVar)
  const { label, title } = data
  return { model: loaded, x, label, title, logits, prob, mu, logVar, sigma, data }
}

/** @param {Float32Array} logVar */
export function sigmaOf(logVar) {
  return logVar.map((value) => Math.exp(0.5 * value))
}
