// Where the numbers of pictures are, and what the windows of a convolution cover.

export const NO_BORDER = { top: 0, bottom: 0, left: 0, right: 0 }

export function address(value, image, y, x) {
  return value.at + 4 * (image * value.pitch + y * value.line + x * value.step)
}

// How many numbers a vector, or a picture without a border, takes.
export function featureCount(value) {
  return value.h * value.w * value.step
}

// How many numbers are joined to what comes before `layers[i]`.
export function extraAfter(layers, i) {
  while (layers[i]?.kind === "Reshape" && layers[i].shape.length === 1) i++
  return layers[i]?.kind === "Join" ? layers[i].count : 0
}

// How far a layer reaches over the edges of its input.
export function borderOf(layer, h, w) {
  if (layer?.kind !== "Conv") return NO_BORDER
  const reach = (side) => {
    const all = windows(layer, side)
    const before = Math.max(...all.map((window) => -window.offset), 0)
    const behind = Math.max(
      ...all.map(({ offset, count, move, taps }) => offset + (count - 1) * move + taps.length),
    )
    return [before, Math.max(behind - side, 0)]
  }
  const [[top, bottom], [left, right]] = [h, w].map(reach)
  return { top, bottom, left, right }
}

// The windows of a convolution along one side, padded as TensorFlow's "same".
//
// Window number i starts at the input's pixel offset + i · move and gives the result's pixel
// phase + i · step; its pixels are multiplied by the kernel's numbers `taps`.
export function windows({ size, stride, transposed }, side) {
  const pad = (output, input) => Math.max((output - 1) * stride + size - input, 0) >> 1
  if (!transposed) {
    const count = Math.ceil(side / stride)
    const taps = Array.from({ length: size }, (_, k) => k)
    return [{ offset: -pad(count, side), move: stride, count, taps, phase: 0, step: 1 }]
  }
  const before = pad(side, side * stride)
  return Array.from({ length: stride }, (_, phase) => {
    const taps = []
    for (let k = size - 1; k >= 0; k--) if ((phase + before - k) % stride === 0) taps.push(k)
    const offset = (phase + before - taps[0]) / stride
    return { offset, move: 1, count: side, taps, phase, step: stride }
  })
}
