// A part of a model in the browser: a chain of layers.

import { address, borderOf, NO_BORDER, windows } from "./geometry.js"

/** @import { BatchNorm, Conv, Dense, Layer } from "./plan.js" */
/** @import { Pictures } from "./geometry.js" */
/** @import { Memory } from "./memory.js" */

/** @type {Record<string, (x: number) => number>} */
const ACTIVATIONS = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  // Both with tanh(u) = 2 / (1 + exp(-2u)) - 1: Math.tanh takes several times as long.
  tanh: (x) => 2 / (1 + Math.exp(-2 * x)) - 1,
  // The tanh form of Hendrycks & Gimpel 2016, section 2.
  gelu: (x) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  silu: (x) => x / (1 + Math.exp(-x)),
}

export class Part {
  /**
   * @param {Memory} memory
   * @param {Layer[]} plan
   * @param {number} inputs how many numbers an image has
   */
  constructor(memory, plan, inputs) {
    // Dropout acts in training only.
    const layers = plan.filter((layer) => layer.kind !== "Dropout")
    this.memory = memory
    /** @type {((n: number) => void)[]} each computes for the first n images of the batch */
    this.steps = []
    this.input = memory.pictures(1, 1, inputs, NO_BORDER, inputs)
    let value = this.input
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i]
      const following = layers[i + 1]
      if (layer.kind === "Reshape") {
        if (layer.shape.length > 1) value = this.toPictures(value, layer.shape, following)
      } else if (layer.kind === "MaxPool") {
        value = this.maxPool(value, following)
      } else if (layer.kind === "Dense") {
        value = this.dense(value, layer)
      } else if (layer.kind === "Conv") {
        const norm = following?.kind === "BatchNorm" && !layer.activation ? following : null
        if (norm) i++
        const whole = { ...layer, activation: norm ? norm.activation : layer.activation }
        value = this.convolution(value, whole, norm, layers[i + 1])
      } else {
        throw new Error(`This model has a layer that is not known here: ${layer.kind}`)
      }
    }
    this.output = value
    this.outputs = value.h * value.w * value.channels
  }

  /**
   * The output for one image, whose input is all of these in turn.
   * @param {Float32Array[]} inputs
   */
  compute(...inputs) {
    let offset = 0
    for (const numbers of inputs) {
      this.write(0, offset, numbers)
      offset += numbers.length
    }
    this.run(1)
    return this.read(1)
  }

  /**
   * Write some of the input of an image, from number `offset` on.
   * @type {(image: number, offset: number, numbers: Float32Array) => void}
   */
  write(image, offset, numbers) {
    const { at, pitch } = this.input
    this.memory.floats.set(numbers, at / 4 + image * pitch + offset)
  }

  /**
   * Compute the output of the first n images.
   * @param {number} n
   */
  run(n) {
    for (const step of this.steps) step(n)
  }

  /**
   * The output of the first n images, one after another.
   * @param {number} n
   */
  read(n) {
    const { h, w, channels, step, line, pitch, at } = this.output
    const { floats } = this.memory
    const numbers = new Float32Array(n * h * w * channels)
    let i = 0
    for (let image = 0; image < n; image++) {
      for (let y = 0; y < h; y++) {
        let from = at / 4 + image * pitch + y * line
        for (let x = 0; x < w; x++, from += step) {
          for (let c = 0; c < channels; c++) numbers[i++] = floats[from + c]
        }
      }
    }
    return numbers
  }

  /**
   * A vector as pictures (h, w, channels), with the border that the next layer needs.
   * @type {(value: Pictures, shape: number[], following: Layer | undefined) => Pictures}
   */
  toPictures(value, [h, w, channels], following) {
    const to = this.memory.pictures(h, w, channels, borderOf(following, h, w), channels)
    const count = w * channels
    this.steps.push((n) => {
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < h; y++) {
          const from = value.at / 4 + image * value.pitch + y * count
          this.memory.floats.copyWithin(
            to.at / 4 + image * to.pitch + y * to.line,
            from,
            from + count,
          )
        }
      }
    })
    return to
  }

  /** @type {(value: Pictures, following: Layer | undefined) => Pictures} */
  maxPool(value, following) {
    const [h, w] = [value.h >> 1, value.w >> 1]
    const to = this.memory.pictures(h, w, value.channels, borderOf(following, h, w))
    this.steps.push((n) => {
      const { floats } = this.memory
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < h; y++) {
          for (let x = 0; x < w; x++) {
            const a = value.at / 4 + image * value.pitch + 2 * y * value.line + 2 * x * value.step
            const [b, c, d] = [a + value.step, a + value.line, a + value.line + value.step]
            const out = to.at / 4 + image * to.pitch + y * to.line + x * to.step
            for (let k = 0; k < value.channels; k++) {
              // Math.max makes the classifier 10 % slower.
              let most = floats[a + k]
              if (floats[b + k] > most) most = floats[b + k]
              if (floats[c + k] > most) most = floats[c + k]
              if (floats[d + k] > most) most = floats[d + k]
              floats[out + k] = most
            }
          }
        }
      }
    })
    return to
  }

  /** @type {(value: Pictures, layer: Dense) => Pictures} */
  dense(value, layer) {
    const to = this.memory.pictures(1, 1, layer.units, NO_BORDER)
    const starts = new Int32Array(value.h * value.w * value.step).fill(-1)
    for (let i = 0; i < layer.inputs; i++) {
      const pixel = Math.floor(i / value.channels)
      starts[pixel * value.step + (i % value.channels)] = i * layer.units
    }
    const product = this.memory.product(layer, null, {
      perImage: 1,
      from: (image) => address(value, image, 0, 0),
      to: (image) => address(to, image, 0, 0),
      runs: 1,
      length: starts.length,
      stride: 0,
      starts,
      between: 1,
      columns: layer.units,
    })
    this.steps.push(product)
    this.activate(to, layer.activation)
    return to
  }

  /**
   * A transposed convolution is one convolution for each of the places that a pixel of the result
   * can have between the pixels of the input.
   * @param {Pictures} value
   * @param {Conv} layer
   * @param {BatchNorm | null} norm
   * @param {Layer | undefined} following
   */
  convolution(value, layer, norm, following) {
    const { size, stride, inputs, filters, transposed } = layer
    const [h, w] = [value.h, value.w].map((side) =>
      transposed ? side * stride : Math.ceil(side / stride),
    )
    const to = this.memory.pictures(h, w, filters, borderOf(following, h, w))
    for (const down of windows(layer, value.h)) {
      for (const across of windows(layer, value.w)) {
        const length = across.taps.length * value.step
        const starts = new Int32Array(down.taps.length * length).fill(-1)
        for (const [i, ky] of down.taps.entries()) {
          for (const [j, kx] of across.taps.entries()) {
            const tap = (ky * size + kx) * inputs * filters
            const place = i * length + j * value.step
            for (let c = 0; c < inputs; c++) {
              starts[place + c] = tap + (transposed ? c : c * filters)
            }
          }
        }
        const product = this.memory.product(layer, norm, {
          perImage: down.count * across.count,
          from: (image, row) => {
            const y = Math.floor(row / across.count) * down.move + down.offset
            return address(value, image, y, (row % across.count) * across.move + across.offset)
          },
          to: (image, row) => {
            const y = Math.floor(row / across.count) * down.step + down.phase
            return address(to, image, y, (row % across.count) * across.step + across.phase)
          },
          runs: down.taps.length,
          length,
          stride: value.line,
          starts,
          between: transposed ? inputs : 1,
          columns: filters,
        })
        this.steps.push(product)
      }
    }
    this.activate(to, layer.activation)
    return to
  }

  /**
   * The product has no activation but ReLU.
   * @type {(value: Pictures, name: string | null) => void}
   */
  activate(value, name) {
    if (!name || name === "relu") return
    const apply = ACTIVATIONS[name]
    this.steps.push((n) => {
      const { floats } = this.memory
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < value.h; y++) {
          const start = value.at / 4 + image * value.pitch + y * value.line
          for (let i = start; i < start + value.w * value.step; i++) floats[i] = apply(floats[i])
        }
      }
    })
  }
}
