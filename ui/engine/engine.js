// A trained model in the browser, built from the same plan as the Keras and the NumPy model.

import { BATCH, Memory } from "./memory.js"
import { Part } from "./part.js"
import { readSafetensors } from "./safetensors.js"

/** @import { Params, Plan } from "./plan.js" */

const PIXELS = 784
const CLASSES = 10

export class Model {
  /** @param {Uint8Array} bytes those of `ui.engine.pack.pack` */
  constructor(bytes) {
    const { tensors, metadata } = readSafetensors(bytes)
    /** @type {Plan} */
    const plan = JSON.parse(metadata.plan)
    this.id = metadata.id
    /** @type {Params} */
    this.params = JSON.parse(metadata.params)
    this.temperature = Number(metadata.temperature)
    this.zDim = this.params.z_dim
    this.labelled = this.params.decoder_sees !== "nothing"
    const memory = new Memory(tensors)
    this.classifier = new Part(memory, plan.classifier, PIXELS)
    this.stem = new Part(memory, plan.stem, PIXELS)
    const label = this.params.encoder_sees_label ? CLASSES : 0
    this.encoder = new Part(memory, plan.encoder, this.stem.outputs + label)
    this.mu = new Part(memory, plan.mu, this.encoder.outputs)
    this.logVar = new Part(memory, plan.log_var, this.encoder.outputs)
    this.decoder = new Part(memory, plan.decoder, this.zDim + (this.labelled ? CLASSES : 0))
    memory.finish()
  }

  /**
   * An image (784,) → digit logits (10,).
   * @param {Float32Array} x
   */
  classify(x) {
    return this.classifier.compute(x)
  }

  /**
   * An image (784,) and digit probabilities (10,) → {mu, logVar} of q(z | x), each (zDim,).
   * @param {Float32Array} x
   * @param {Float32Array} digitProb
   */
  encode(x, digitProb) {
    const label = this.params.encoder_sees_label ? [digitProb] : []
    const hidden = this.encoder.compute(this.stem.compute(x), ...label)
    return { mu: this.mu.compute(hidden), logVar: this.logVar.compute(hidden) }
  }

  /**
   * Latents (n · zDim,) and digit probabilities (n · 10,) → pixels (n · 784,) in [0, 1]. A model
   * that is not `labelled` decodes z alone.
   * @param {Float32Array} z
   * @param {Float32Array} digitProb
   * @param {number} contrast multiplies the logits, for display
   */
  decode(z, digitProb, contrast = 1) {
    const pixels = this.decodeLogits(z, digitProb)
    for (let i = 0; i < pixels.length; i++) pixels[i] = 1 / (1 + Math.exp(-contrast * pixels[i]))
    return pixels
  }

  /**
   * As `decode`, before the sigmoid.
   * @type {(z: Float32Array, digitProb: Float32Array) => Float32Array<ArrayBuffer>}
   */
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
