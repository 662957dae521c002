// A drawing of any size, position and pen width → 28 × 28: `to_mnist` of vae/data/preprocess.py.
// It rounds to float32 and sums in the order that NumPy does, and resamples as Pillow does, so
// that it gives the same image. Larger drawings than 320 pixels a side, which Python first
// reduces, are not reduced here: the canvas has 280.

const SIDE = 28
const BOX = 20
const PEN = 2.4
const CENTER = 14.5
const MIN_INK = 0.15
const f32 = Math.fround

// RGBA pixels of a canvas, (height · width · 4) → (784,) in [0, 1], or null if nothing is drawn.
export function toMnist(rgba, width, height) {
  const ink = intensity(rgba, width, height)
  const strokes = crop(ink, width, height)
  if (!strokes) return null
  const { inside, w, h } = strokes
  const longest = Math.max(w, h)
  const within = squaredDistance(inside, w, h, 1, 0)
  const pen = strokeWidth(within)
  const g = Math.max((PEN * longest - BOX * pen) / (BOX - PEN), -0.5 * Math.min(pen, longest))

  // Farther outside than this the grown strokes leave nothing: the rest of Python's margin is 0.
  const margin = Math.floor(longest / 4) + 2
  const reach = Math.min(margin, Math.max(0, Math.ceil(1 + g / 2)))
  const beyond = squaredDistance(inside, w, h, 0, reach)
  const wide = w + 2 * reach
  const high = h + 2 * reach
  const grown = new Float32Array(wide * high)
  const half = f32(g / 2)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const column = x - reach
      const row = y - reach
      const i = column >= 0 && column < w && row >= 0 && row < h ? row * w + column : -1
      const distance =
        i >= 0 && inside[i] ? Math.sqrt(within[i]) - 0.5 : 0.5 - Math.sqrt(beyond[y * wide + x])
      grown[y * wide + x] = Math.min(Math.max(f32(f32(f32(distance) + half) + 0.5), 0), 1)
    }
  }
  return place(grown, wide, high, margin - reach, BOX / (longest + g))
}

// The ink of each pixel, (height · width) in [0, 1]: alpha if there are transparent pixels, else
// the difference in brightness from the median along the edges.
function intensity(rgba, width, height) {
  const count = width * height
  const ink = new Float32Array(count)
  let transparent = false
  for (let i = 3; i < 4 * count && !transparent; i += 4) transparent = rgba[i] === 0
  if (transparent) {
    for (let i = 0; i < count; i++) ink[i] = rgba[4 * i + 3] / 255
    return ink
  }
  const sum = (i) => rgba[4 * i] + rgba[4 * i + 1] + rgba[4 * i + 2]
  const edges = new Float64Array(2 * (width + height))
  for (let x = 0; x < width; x++) {
    edges[2 * x] = sum(x) / 3
    edges[2 * x + 1] = sum((height - 1) * width + x) / 3
  }
  for (let y = 0; y < height; y++) {
    edges[2 * (width + y)] = sum(y * width) / 3
    edges[2 * (width + y) + 1] = sum(y * width + width - 1) / 3
  }
  edges.sort()
  const paper = (edges[width + height - 1] + edges[width + height]) / 2
  const range = Math.max(paper, 255 - paper)
  for (let i = 0; i < count; i++) {
    ink[i] = Math.abs((rgba[4 * i] + rgba[4 * i + 1] + rgba[4 * i + 2]) / 3 - paper) / range
  }
  return ink
}

// The smallest box around all pixels of more than half the strongest ink: which of its pixels have
// that much, (h · w) of 0 and 1. Null if the strongest is too weak to be a stroke.
function crop(ink, width, height) {
  let strongest = 0
  for (let i = 0; i < ink.length; i++) if (ink[i] > strongest) strongest = ink[i]
  if (strongest < MIN_INK) return null
  const threshold = 0.5 * strongest
  let left = width
  let right = 0
  let top = height
  let bottom = 0
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (ink[i] <= threshold) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  const w = right - left + 1
  const h = bottom - top + 1
  const inside = new Uint8Array(w * h)
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      inside[i] = ink[(top + y) * width + left + x] > threshold ? 1 : 0
    }
  }
  return { inside, w, h }
}

// The squared distance of each pixel to the nearest one with another value than `from`, around the
// given pixels (h · w) `border` more on each side, which are 0: Meijster, Roerdink & Hesselink
// 2000, A general algorithm for computing distance transforms in linear time.
// For from = 1 the result is (h · w) whatever the border: pixels outside are 0 and so the nearest.
function squaredDistance(inside, w, h, from, border) {
  const wide = w + 2 * border
  const high = h + 2 * border
  const far = wide + high
  const vertical = new Int32Array(wide * high)
  for (let x = 0; x < wide; x++) {
    const column = x - border
    const drawn = column >= 0 && column < w
    // Above and below the picture lies nothing: for from = 1 that is the nearest pixel.
    let distance = from ? 0 : far
    for (let y = 0, i = x; y < high; y++, i += wide) {
      const row = y - border
      const value = drawn && row >= 0 && row < h ? inside[row * w + column] : 0
      distance = value === from ? Math.min(distance + 1, far) : 0
      vertical[i] = distance
    }
    distance = from ? 0 : far
    for (let i = x + (high - 1) * wide; i >= 0; i -= wide) {
      distance = Math.min(distance + 1, far)
      if (vertical[i] < distance) distance = vertical[i]
      else vertical[i] = distance
    }
  }
  // Along each row the lower envelope of the parabolas (x - i)² + vertical[i]². For from = 1 one
  // more pixel on either side, -1 and wide, is 0.
  const first = from ? -1 : 0
  const last = from ? wide : wide - 1
  const result = new Int32Array(wide * high)
  const squared = new Int32Array(wide + 2)  // From x = -1 on.
  const apex = new Int32Array(wide + 2)
  const start = new Int32Array(wide + 2)
  for (let y = 0; y < high; y++) {
    const row = y * wide
    for (let i = 0; i < wide; i++) squared[i + 1] = vertical[row + i] * vertical[row + i]
    let q = 0
    apex[0] = start[0] = first
    for (let u = first + 1; u <= last; u++) {
      const own = squared[u + 1]
      while (q >= 0) {
        const t = start[q] - apex[q]
        const s = start[q] - u
        if (t * t + squared[apex[q] + 1] <= s * s + own) break
        q--
      }
      if (q < 0) {
        q = 0
        apex[0] = u
        start[0] = first
        continue
      }
      const i = apex[q]
      const next = 1 + Math.floor((u * u - i * i + own - squared[i + 1]) / (2 * (u - i)))
      if (next > last) continue
      q++
      apex[q] = u
      start[q] = next
    }
    for (let u = last; u >= first; u--) {
      const d = u - apex[q]
      if (u >= 0 && u < wide) result[row + u] = d * d + squared[apex[q] + 1]
      if (u === start[q]) q--
    }
  }
  return result
}

// The mean width of the strokes, pixels: four times the mean distance to their outline.
function strokeWidth(within) {
  const distances = new Float32Array(within.length)
  let count = 0
  for (const squared of within) {
    if (squared) distances[count++] = Math.sqrt(squared) - 0.5
  }
  return 4 * f32(sum32(distances, 0, count) / count)
}

// Ink (high · wide), with `around` more pixels of 0 on each side, scaled, with its centre of mass
// at CENTER → (784,) in [0, 1].
function place(ink, wide, high, around, scale) {
  const field = SIDE / scale
  const margin = Math.ceil(field)
  const line = new Float32Array(Math.max(wide, high) + 2 * around)
  const rows = line.slice(0, high + 2 * around)
  const columns = line.slice(0, wide + 2 * around)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      line[around + x] = ink[y * wide + x]
      columns[around + x] += line[around + x]
    }
    rows[around + y] = sum32(line, 0, wide + 2 * around)
  }
  const origin = (mass) => {
    let moment = 0
    for (let i = 0; i < mass.length; i++) moment += (i + 0.5) * mass[i]
    return moment / sum32(mass, 0, mass.length) - CENTER / scale + margin
  }
  const before = around + margin
  const horizontal = windows(origin(columns), field, before, wide)
  const vertical = windows(origin(rows), field, before, high)
  const narrow = new Float32Array(high * SIDE)
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < SIDE; x++) {
      const { begin, end, weight } = horizontal[x]
      let sum = 0
      for (let i = y * wide + begin; i < y * wide + end; i++) sum += ink[i] * weight
      narrow[y * SIDE + x] = sum
    }
  }
  const placed = new Float32Array(SIDE * SIDE)
  for (let y = 0; y < SIDE; y++) {
    const { begin, end, weight } = vertical[y]
    for (let x = 0; x < SIDE; x++) {
      let sum = 0
      for (let i = begin; i < end; i++) sum += narrow[i * SIDE + x] * weight
      placed[y * SIDE + x] = Math.min(Math.max(f32(sum), 0), 1)
    }
  }
  return placed
}

// Pillow's box filter (precompute_coeffs in its Resample.c): which pixels of a line each of SIDE
// new ones averages, and the weight of each. The line has `length` pixels after `before` ones that
// are 0; the new ones cover `field` pixels from `origin` on. The bounds are of the line itself.
function windows(origin, field, before, length) {
  const low = f32(origin)
  const scale = (f32(origin + field) - low) / SIDE
  const filterScale = Math.max(scale, 1)
  const support = 0.5 * filterScale
  return Array.from({ length: SIDE }, (_, i) => {
    const center = low + (i + 0.5) * scale
    let begin = Math.trunc(center - support + 0.5)
    let end = Math.trunc(center + support + 0.5)
    const inFilter = (x) => {
      const t = (x - center + 0.5) * (1 / filterScale)
      return t > -0.5 && t <= 0.5
    }
    while (begin < end && !inFilter(begin)) begin++
    while (begin < end && !inFilter(end - 1)) end--
    const weight = 1 / (end - begin)
    const within = (x) => Math.min(Math.max(x - before, 0), length)
    return { begin: within(begin), end: within(end), weight }
  })
}

// The sum of values[begin … begin + count) in float32, in the order of NumPy's pairwise summation.
function sum32(values, begin, count) {
  if (count < 8) {
    let sum = 0
    for (let i = begin; i < begin + count; i++) sum = f32(sum + values[i])
    return sum
  }
  if (count > 128) {
    let half = count >> 1
    half -= half % 8
    return f32(sum32(values, begin, half) + sum32(values, begin + half, count - half))
  }
  let [a, b, c, d, e, f, g, h] = values.subarray(begin, begin + 8)
  let i = begin + 8
  for (; i < begin + count - (count % 8); i += 8) {
    a = f32(a + values[i])
    b = f32(b + values[i + 1])
    c = f32(c + values[i + 2])
    d = f32(d + values[i + 3])
    e = f32(e + values[i + 4])
    f = f32(f + values[i + 5])
    g = f32(g + values[i + 6])
    h = f32(h + values[i + 7])
  }
  let sum = f32(f32(f32(a + b) + f32(c + d)) + f32(f32(e + f) + f32(g + h)))
  for (; i < begin + count; i++) sum = f32(sum + values[i])
  return sum
}
