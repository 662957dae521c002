// The image that the page How it works follows, and what the encoder makes of it.
//
// `data` is that of ui/how/image.py: {model: its id, x: 784 float32 as base64, label, title}.

import { decoded } from "../numbers.js"
import { model } from "../model/hub.js"
import { softmax } from "../model/maths.js"

// Call `show(image)` once the model is here, and again with each other image or model. Returns
// {expect, close} as a view has them, see ../view.js; `host` reports an error. An image has
//   model: the model in the browser
//   x: (784,) in [0, 1]; label: its digit, or null if nobody knows it; title: what it is
//   logits, prob: the classifier's, (10,)
//   mu, logVar, sigma: of q(z | x), each (zDim,), for the classifier's probabilities
//   data: as above, with what else a step's Python has sent
export function followImage(host, show) {
  let newest = null
  const expect = (data) => {
    // Streamlit sends the same again when the theme changes.
    if (JSON.stringify(newest) === JSON.stringify(data)) return
    newest = data
    model(data.model).then(
      host.guard((loaded) => {
        if (newest === data) show(imageOf(loaded, data))
      }),
      host.guard((error) => { throw error }),
    )
  }
  // A model that comes later is shown no more.
  return { expect, close: () => { newest = null } }
}

function imageOf(loaded, data) {
  const x = decoded(data.x)
  const logits = loaded.classify(x)
  const prob = softmax(logits)
  const { mu, logVar } = loaded.encode(x, prob)
  const sigma = sigmaOf(logVar)
  const { label, title } = data
  return { model: loaded, x, label, title, logits, prob, mu, logVar, sigma, data }
}

export function sigmaOf(logVar) {
  return logVar.map((value) => Math.exp(0.5 * value))
}
