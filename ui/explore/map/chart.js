// Points on a canvas: written into a buffer of pixels, with a view that is zoomed and moved.

const MAX_ZOOM = 40
const MARGIN = 0.93 // Of the canvas that the points fill when the view is not zoomed.
const TAIL = 0.0005 // The share of points at each edge that may lie outside of it.
const IMAGE = 28, MAX_IMAGES = 500 // Pixels a side, and how many images are painted at most.
const POINT = 2.6 // The diameter of a point without zoom, in CSS pixels.
const FAINT = 0x38808080 // Points of digits that are not shown: ABGR.

export class Chart {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d")
    this.width = this.height = 0 // CSS pixels.
    this.colours = new Uint32Array(10)
    this.isShown = new Array(10).fill(true)
    this.reset()
  }

  resize(width, height, ratio) {
    if (width === this.width && height === this.height && ratio === this.ratio) return
    const before = this.unit
    Object.assign(this, { width, height, ratio })
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.image = new ImageData(this.canvas.width, this.canvas.height)
    this.pixels = new Uint32Array(this.image.data.buffer)
    this.layOut()
    if (before) {
      this.left *= this.unit / before
      this.top *= this.unit / before
    }
  }

  // Places {x, y} and digits y of the points. With `animate`, they can travel: see `travel`.
  show(places, digits, animate) {
    this.travelled = animate && this.at?.x.length === places.x.length ? this.at : null
    this.places = places
    this.digits = digits
    this.frame = { x: extent(places.x), y: extent(places.y) }
    this.layOut()
    if (this.travelled) this.reset()
  }

  // Points on the canvas without zoom, from its middle, in CSS pixels, down positive.
  layOut() {
    if (!this.places || !this.width) return
    const { x, y } = this.frame
    this.unit =
      MARGIN * Math.min(this.width / (x.high - x.low || 1), this.height / (y.high - y.low || 1))
    const middle = { x: (x.high + x.low) / 2, y: (y.high + y.low) / 2 }
    this.middle = middle
    this.at = {
      x: this.places.x.map((value) => (value - middle.x) * this.unit),
      y: this.places.y.map((value) => (middle.y - value) * this.unit),
    }
  }

  // Until other points are shown, there are none.
  forget() {
    this.places = this.at = this.travelled = null
  }

  toScreen({ x, y }) {
    return [
      this.width / 2 + ((x - this.middle.x) * this.unit - this.left) * this.zoom,
      this.height / 2 + ((this.middle.y - y) * this.unit - this.top) * this.zoom,
    ]
  }

  toMap(across, down) {
    return {
      x: this.middle.x + ((across - this.width / 2) / this.zoom + this.left) / this.unit,
      y: this.middle.y - ((down - this.height / 2) / this.zoom + this.top) / this.unit,
    }
  }

  reset() {
    this.zoom = 1
    this.left = this.top = 0
  }

  // Zoom so that what is at this place of the canvas stays there; returns whether it changed.
  zoomAt(across, down, factor) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), MAX_ZOOM)
    if (zoom === this.zoom) return false
    const x = across - this.width / 2, y = down - this.height / 2
    this.left += x / this.zoom - x / zoom
    this.top += y / this.zoom - y / zoom
    this.zoom = zoom
    this.keepInside()
    return true
  }

  moveBy(across, down) {
    this.left -= across / this.zoom
    this.top -= down / this.zoom
    this.keepInside()
  }

  // The middle of the view stays on the map; without zoom, all of the map stays in view.
  keepInside() {
    const bound = (value, size) => {
      const most = (size / 2) * (1 - 1 / this.zoom)
      return Math.min(Math.max(value, -most), most)
    }
    this.left = bound(this.left, this.width)
    this.top = bound(this.top, this.height)
  }

  // The share of the way, 0 to 1, that points have gone to their new places.
  travel(share) {
    this.way = share
    if (share >= 1) this.travelled = null
  }

  // `imageOf(i)`: the pixels (784,) of a point's image, 0 to 255, or null. If few points are in view,
  // their images are painted instead.
  paint(imageOf) {
    if (!this.at || !this.pixels) return
    this.pixels.fill(0)
    const shown = this.isShown.every(Boolean)
    if (!shown) this.paintDigits((digit) => (this.isShown[digit] ? 0 : FAINT))
    const images = this.inView()
    if (images) for (const i of images) this.paintImage(i, imageOf(i))
    else this.paintDigits((digit) => (this.isShown[digit] ? this.colours[digit] : 0))
    this.context.putImageData(this.image, 0, 0)
  }

  // The points in view of the digits that are shown; null if they are many, or on their way.
  inView() {
    if (this.travelled || this.zoom < 2) return null
    const { x, y } = this.at
    const across = this.width / this.zoom / 2, down = this.height / this.zoom / 2
    const found = []
    for (let i = 0; i < x.length; i++) {
      if (Math.abs(x[i] - this.left) > across || Math.abs(y[i] - this.top) > down) continue
      if (!this.isShown[this.digits[i]]) continue
      if (found.push(i) > MAX_IMAGES) return null
    }
    return found
  }

  // An image in its digit's colour, black transparent; a dot until the image is there.
  paintImage(i, image) {
    const { pixels, zoom, ratio } = this
    const { width, height } = this.canvas
    const scale = Math.round(ratio) || 1
    const side = IMAGE * scale
    const colour = this.colours[this.digits[i]] & 0xffffff
    const left = Math.round(width / 2 + (this.at.x[i] - this.left) * zoom * ratio - side / 2)
    const top = Math.round(height / 2 + (this.at.y[i] - this.top) * zoom * ratio - side / 2)
    for (let row = Math.max(0, -top); row < side && top + row < height; row++) {
      const line = IMAGE * Math.floor(row / scale)
      for (let column = Math.max(0, -left); column < side && left + column < width; column++) {
        const ink = image ? image[line + Math.floor(column / scale)] : dot(row, column, side)
        const at = (top + row) * width + left + column
        if (ink > pixels[at] >>> 24) pixels[at] = ((ink << 24) | colour) >>> 0
      }
    }
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }

  // `colourOf(digit)`: ABGR, or 0 to leave its points out.
  paintDigits(colourOf) {
    const { pixels, digits, ratio, zoom } = this
    const { width, height } = this.canvas
    const colours = Uint32Array.from({ length: 10 }, (_, digit) => colourOf(digit))
    const { x, y } = this.travelled ? this.onTheWay() : this.at
    const spans = disc(this.pointSize())
    const half = spans.length / 2
    const scale = zoom * ratio
    const across = width / 2 - this.left * scale - half
    const down = height / 2 - this.top * scale - half
    for (let i = 0; i < x.length; i++) {
      const colour = colours[digits[i]]
      if (colour === 0) continue
      const left = Math.round(x[i] * scale + across)
      const top = Math.round(y[i] * scale + down)
      if (left < 0 || top < 0 || left + spans.length > width || top + spans.length > height) {
        continue
      }
      for (let row = 0; row < spans.length; row++) {
        const start = (top + row) * width + left
        for (let k = spans[row]; k < spans.length - spans[row]; k++) pixels[start + k] = colour
      }
    }
  }

  onTheWay() {
    const between = (from, to) => to.map((value, i) => from[i] + this.way * (value - from[i]))
    return {
      x: between(this.travelled.x, this.at.x),
      y: between(this.travelled.y, this.at.y),
    }
  }

  // The diameter of a point, in pixels of the canvas.
  pointSize() {
    return Math.max(2, Math.round(POINT * this.ratio * Math.min(this.zoom ** 0.45, 4)))
  }
}

function dot(row, column, side) {
  return Math.hypot(row - side / 2, column - side / 2) < side / 7 ? 255 : 0
}

// For each row of a disc of this diameter, how many pixels at both its ends are left out.
function disc(size) {
  return Array.from({ length: size }, (_, row) => {
    const from = row + 0.5 - size / 2
    return size < 4 ? 0 : Math.round(size / 2 - Math.sqrt((size / 2) ** 2 - from ** 2))
  })
}

function extent(values) {
  const sorted = Float32Array.from(values).sort()
  const skip = Math.floor(TAIL * sorted.length)
  return { low: sorted[skip], high: sorted[sorted.length - 1 - skip] }
}
