// A trained model in the browser, built from the same plan as the Keras and the NumPy model.

import { BATCH, Builder } from "./builder.js"
import { readSafetensors } from "./safetensors.js"

const PIXELS = 784
const CLASSES = 10

export class Model {
  // `bytes`: a Uint8Array as from `ui.live.model.pack.pack`. `simd: false` leaves WebAssembly out.
  constructor(bytes, { simd = true } = {}) {
    const { tensors, metadata } = readSafetensors(bytes)
    const plan = JSON.parse(metadata.plan)
    this.id = metadata.id
    this.params = JSON.parse(metadata.params)
    this.temperature = Number(metadata.temperature)
    this.zDim = this.params.z_dim
    this.labelled = this.params.decoder_sees !== "nothing"
    const builder = new Builder(tensors)
    const label = this.params.encoder_sees_label ? [{ kind: "Join", count: CLASSES }] : []
    const latent = builder.sideBySide("latent", plan.mu[0], plan.log_var[0])
    const encoder = [...plan.stem, ...label, ...plan.encoder, latent]
    this.classifier = builder.chain(plan.classifier, PIXELS)
    this.encoder = builder.chain(encoder, PIXELS)
    this.decoder = builder.chain(plan.decoder, this.zDim + (this.labelled ? CLASSES : 0))
    this.simd = builder.finish(simd)
  }

  // An image (784,) → digit logits (10,).
  classify(x) {
    this.classifier.write(0, 0, x)
    this.classifier.run(1)
    return this.classifier.read(1)
  }

  // An image (784,) and digit probabilities (10,) → {mu, logVar} of q(z | x), each (zDim,).
  encode(x, digitProb) {
    this.encoder.write(0, 0, x)
    this.encoder.join(0, digitProb)
    this.encoder.run(1)
    const both = this.encoder.read(1)
    return { mu: both.slice(0, this.zDim), logVar: both.slice(this.zDim) }
  }

  // Latents (n · zDim,) and digit probabilities (n · 10,) → pixels (n · 784,) in [0, 1].
  // `contrast` multiplies the logits, for display. A model that is not `labelled` decodes z alone.
  decode(z, digitProb, contrast = 1) {
    const pixels = this.decodeLogits(z, digitProb)
    for (let i = 0; i < pixels.length; i++) pixels[i] = 1 / (1 + Math.exp(-contrast * pixels[i]))
    return pixels
  }

  // As `decode`, before the sigmoid.
  decodeLogits(z, digitProb) {
    const n = z.length / this.zDim
    const logits = new Float32Array(n * PIXELS)
    for (let start = 0; start < n; start += BATCH) {
      const count = Math.min(BATCH, n - start)
      for (let i = 0; i < count; i++) {
        const image = start + i
        this.decoder.write(i, 0, z.subarray(image * this.zDim, (image + 1) * this.zDim))
        if (!this.labelled) continue
        const label = digitProb.subarray(image * CLASSES, (image + 1) * CLASSES)
        this.decoder.write(i, this.zDim, label)
      }
      this.decoder.run(count)
      logits.set(this.decoder.read(count), start * PIXELS)
    }
    return logits
  }
}
