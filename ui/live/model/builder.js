// The layers of a model as matrix products in one memory.
//
// An activation is kept as pictures (height, width, channels) with zeros around them, as wide as
// the next convolution reaches; a vector is a picture of one pixel. So the window of a convolution
// is a few runs of numbers, and each layer is a matrix product over a table of where its rows are.

import { NO_BORDER, address, borderOf, extraAfter, featureCount, windows } from "./geometry.js"
import { productMemory } from "./product.js"

export const BATCH = 10 // Images that are computed at a time.

const ACTIVATIONS = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  // Both with tanh(u) = 2 / (1 + exp(-2u)) - 1: Math.tanh takes several times as long.
  tanh: (x) => 2 / (1 + Math.exp(-2 * x)) - 1,
  // The tanh form of Hendrycks & Gimpel 2016, section 2.
  gelu: (x) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  silu: (x) => x / (1 + Math.exp(-x)),
}

// Lays out the memory of a model: first every address, then, in `finish`, what is there.
export class Builder {
  constructor(tensors) {
    this.tensors = tensors
    this.bytes = 16
    this.fills = []
  }

  reserve(bytes) {
    const address = this.bytes
    this.bytes += Math.ceil(bytes / 16) * 16
    return address
  }

  // Make the memory; returns whether it computes by SIMD.
  finish(simd) {
    const memory = productMemory(this.bytes, simd)
    this.product = memory.product
    this.floats = new Float32Array(memory.buffer)
    this.addresses = new Int32Array(memory.buffer)
    for (const fill of this.fills) fill()
    delete this.fills
    delete this.tensors
    return memory.simd
  }

  // Two dense layers with the same input as one, whose output is both outputs.
  sideBySide(name, a, b) {
    const [left, right] = [a, b].map((layer) => this.tensors[`${layer.name}.kernel`].values)
    const kernel = new Float32Array(left.length + right.length)
    const units = a.units + b.units
    for (let row = 0; row < a.inputs; row++) {
      kernel.set(left.subarray(row * a.units, (row + 1) * a.units), row * units)
      kernel.set(right.subarray(row * b.units, (row + 1) * b.units), row * units + a.units)
    }
    const biases = [a, b].flatMap((layer) => [...this.tensors[`${layer.name}.bias`].values])
    this.tensors[`${name}.kernel`] = { values: kernel }
    this.tensors[`${name}.bias`] = { values: Float32Array.from(biases) }
    return { ...a, name, units }
  }

  // A batch of pictures; `extra` numbers can be joined to each. Numbers, not bytes, but for `at`,
  // the address of the first pixel.
  pictures(h, w, channels, border, extra = 0, step = 8 * Math.ceil(channels / 8)) {
    const line = (border.left + w + border.right) * step
    const pitch = (border.top + h + border.bottom) * line + extra
    const at = this.reserve(4 * BATCH * pitch) + 4 * (border.top * line + border.left * step)
    return { h, w, channels, step, line, pitch, at, joined: 0 }
  }

  // The layers of a part of the model. Dropout acts in training only.
  chain(plan, inputs) {
    const layers = plan.filter((layer) => layer.kind !== "Dropout")
    const input = this.pictures(1, 1, inputs, NO_BORDER, extraAfter(layers, 0), inputs)
    const steps = []
    let value = input
    let end = 0 // Where numbers are joined: the address behind the first image's features.
    let pitch = 0
    for (let i = 0; i < layers.length; i++) {
      let layer = layers[i]
      const following = layers[i + 1]
      if (layer.kind === "Reshape") {
        if (layer.shape.length > 1) value = this.toPictures(steps, value, layer.shape, following)
      } else if (layer.kind === "Join") {
        end = value.at + 4 * featureCount(value)
        pitch = value.pitch
        value = { ...value, joined: layer.count }
      } else if (layer.kind === "MaxPool") {
        value = this.maxPool(steps, value, following)
      } else if (layer.kind === "Dense") {
        value = this.dense(steps, value, layer, extraAfter(layers, i + 1))
      } else if (layer.kind === "Conv") {
        let norm = null
        if (following?.kind === "BatchNorm" && !layer.activation) {
          norm = following
          layer = { ...layer, activation: norm.activation }
          i++
        }
        const extra = extraAfter(layers, i + 1)
        value = this.convolution(steps, value, layer, norm, layers[i + 1], extra)
      } else {
        throw new Error(`This model has a layer that is not known here: ${layer.kind}`)
      }
    }
    return this.runnable(steps, input, value, end, pitch)
  }

  runnable(steps, input, output, end, joinPitch) {
    const write = (image, offset, numbers) =>
      this.floats.set(numbers, input.at / 4 + image * input.pitch + offset)
    const join = (image, numbers) => {
      if (end) this.floats.set(numbers, end / 4 + image * joinPitch)
    }
    const run = (n) => {
      for (const step of steps) step(n)
    }
    const read = (n) => {
      const numbers = new Float32Array(n * output.h * output.w * output.channels)
      let i = 0
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < output.h; y++) {
          let from = output.at / 4 + image * output.pitch + y * output.line
          for (let x = 0; x < output.w; x++, from += output.step) {
            for (let c = 0; c < output.channels; c++) numbers[i++] = this.floats[from + c]
          }
        }
      }
      return numbers
    }
    return { write, join, run, read }
  }

  // A vector as pictures (h, w, channels), with the border that the next layer needs.
  toPictures(steps, value, [h, w, channels], following) {
    const to = this.pictures(h, w, channels, borderOf(following, h, w), 0, channels)
    const count = w * channels
    steps.push((n) => {
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < h; y++) {
          const from = value.at / 4 + image * value.pitch + y * count
          this.floats.copyWithin(to.at / 4 + image * to.pitch + y * to.line, from, from + count)
        }
      }
    })
    return to
  }

  maxPool(steps, value, following) {
    const [h, w] = [value.h >> 1, value.w >> 1]
    const to = this.pictures(h, w, value.channels, borderOf(following, h, w))
    steps.push((n) => {
      const { floats } = this
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < h; y++) {
          for (let x = 0; x < w; x++) {
            const a = value.at / 4 + image * value.pitch + 2 * y * value.line + 2 * x * value.step
            const [b, c, d] = [a + value.step, a + value.line, a + value.line + value.step]
            const out = to.at / 4 + image * to.pitch + y * to.line + x * to.step
            for (let k = 0; k < value.channels; k++) {
              const above = floats[a + k] > floats[b + k] ? floats[a + k] : floats[b + k]
              const below = floats[c + k] > floats[d + k] ? floats[c + k] : floats[d + k]
              floats[out + k] = above > below ? above : below
            }
          }
        }
      }
    })
    return to
  }

  dense(steps, value, layer, extra) {
    const to = this.pictures(1, 1, layer.units, NO_BORDER, extra)
    const count = featureCount(value)
    const starts = new Int32Array(count + value.joined).fill(-1)
    for (let i = 0; i < layer.inputs - value.joined; i++) {
      const pixel = Math.floor(i / value.channels)
      starts[pixel * value.step + (i % value.channels)] = i * layer.units
    }
    for (let i = 0; i < value.joined; i++) {
      starts[count + i] = (layer.inputs - value.joined + i) * layer.units
    }
    const rows = { perImage: 1, from: (image) => address(value, image, 0, 0) }
    rows.to = (image) => address(to, image, 0, 0)
    this.multiply(steps, layer, null, rows, 1, starts.length, 0, starts, 1, layer.units)
    this.activate(steps, to, layer.activation)
    return to
  }

  convolution(steps, value, layer, norm, following, extra) {
    const { size, stride, inputs, filters, transposed } = layer
    const [h, w] = [value.h, value.w].map((side) =>
      transposed ? side * stride : Math.ceil(side / stride),
    )
    const to = this.pictures(h, w, filters, borderOf(following, h, w), extra)
    // A transposed convolution is one convolution for each of the places that a pixel of the
    // result can have between the pixels of the input.
    for (const down of windows(layer, value.h)) {
      for (const across of windows(layer, value.w)) {
        const starts = new Int32Array(down.taps.length * across.taps.length * value.step).fill(-1)
        down.taps.forEach((ky, i) =>
          across.taps.forEach((kx, j) => {
            const tap = (ky * size + kx) * inputs * filters
            const place = (i * across.taps.length + j) * value.step
            for (let c = 0; c < inputs; c++) {
              starts[place + c] = tap + (transposed ? c : c * filters)
            }
          }),
        )
        const columns = across.count
        const rows = {
          perImage: down.count * columns,
          from: (image, row) => {
            const y = Math.floor(row / columns) * down.move + down.offset
            return address(value, image, y, (row % columns) * across.move + across.offset)
          },
          to: (image, row) => {
            const y = Math.floor(row / columns) * down.step + down.phase
            return address(to, image, y, (row % columns) * across.step + across.phase)
          },
        }
        const length = across.taps.length * value.step
        this.multiply(
          ...[steps, layer, norm, rows, down.taps.length, length, value.line, starts],
          ...[transposed ? inputs : 1, filters],
        )
      }
    }
    this.activate(steps, to, layer.activation)
    return to
  }

  // Add a product to the steps.
  //
  // starts: for each number of a row, where its weights start in the kernel; -1 for none.
  // between: from the weight of a column to that of the next.
  multiply(steps, layer, norm, rows, runs, length, stride, starts, between, columns) {
    const panels = Math.ceil(columns / 8)
    const count = 4 * Math.ceil((BATCH * rows.perImage) / 4)
    const from = this.reserve(4 * count)
    const to = this.reserve(4 * count)
    const spare = this.reserve(32 * panels)
    const kernel = this.reserve(32 * panels * starts.length)
    const bias = this.reserve(32 * panels)
    const low = layer.activation === "relu" ? 0 : -Infinity
    steps.push((n) => {
      const used = 4 * Math.ceil((n * rows.perImage) / 4)
      this.product(used, from, to, runs, 4 * length, 4 * stride, kernel, panels, bias, low)
    })
    this.fills.push(() => {
      for (let i = 0; i < count; i++) {
        const image = Math.floor(i / rows.perImage)
        const row = i % rows.perImage
        this.addresses[from / 4 + i] = image < BATCH ? rows.from(image, row) : rows.from(0, 0)
        this.addresses[to / 4 + i] = image < BATCH ? rows.to(image, row) : spare
      }
      const weights = this.tensors[`${layer.name}.kernel`].values
      const biases = this.tensors[`${layer.name}.bias`].values
      const { scale, shift } = this.normalisation(norm, columns)
      for (let c = 0; c < columns; c++) {
        const panel = kernel / 4 + 8 * starts.length * (c >> 3) + (c & 7)
        for (let k = 0; k < starts.length; k++) {
          if (starts[k] >= 0) {
            this.floats[panel + 8 * k] = weights[starts[k] + c * between] * scale[c]
          }
        }
        this.floats[bias / 4 + c] = biases[c] * scale[c] + shift[c]
      }
    })
  }

  // A batch normalisation as a scale and a shift of each column: see `BatchNorm` in layers.py.
  normalisation(norm, columns) {
    const [scale, shift] = [new Float64Array(columns).fill(1), new Float64Array(columns)]
    if (norm) {
      const names = ["gamma", "beta", "mean", "variance"]
      const [gamma, beta, mean, variance] = names.map(
        (name) => this.tensors[`${norm.name}.${name}`].values,
      )
      for (let c = 0; c < columns; c++) {
        scale[c] = gamma[c] / Math.sqrt(variance[c] + norm.epsilon)
        shift[c] = beta[c] - mean[c] * scale[c]
      }
    }
    return { scale, shift }
  }

  // The product has no activation but ReLU.
  activate(steps, value, name) {
    if (!name || name === "relu") return
    const apply = ACTIVATIONS[name]
    steps.push((n) => {
      const { floats } = this
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < value.h; y++) {
          const start = value.at / 4 + image * value.pitch + y * value.line
          for (let i = start; i < start + value.w * value.step; i++) floats[i] = apply(floats[i])
        }
      }
    })
  }
}
