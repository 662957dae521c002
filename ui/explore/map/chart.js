// Points on a canvas: written into a buffer of pixels, with a view that is zoomed and moved.

/** @import { Place, Places } from "./points.js" */

/** @typedef {[number, number]} Spot CSS pixels from the left and from above */
/** @typedef {(i: number) => Uint8Array | null} ImageOf the pixels (784,) of a point's image */

const MAX_ZOOM = 40
const MARGIN = 0.93 // Of the canvas that the points fill when the view is not zoomed.
const TAIL = 0.0005 // The share of points at each edge that may lie outside of it.
const IMAGE = 28 // Pixels a side.
const MAX_IMAGES = 500 // Painted at most.
const POINT = 2.6 // The diameter of a point without zoom, in CSS pixels.
const FAINT = 0x38808080 // Points of digits that are not shown: ABGR.

export class Chart {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
    this.width = 0 // CSS pixels, as the height.
    this.height = 0
    this.ratio = 1 // Pixels of the canvas for one of CSS.
    this.image = new ImageData(1, 1)
    this.pixels = new Uint32Array(this.image.data.buffer)
    this.colours = new Uint32Array(10)
    /** @type {boolean[]} of each digit */
    this.isShown = new Array(10).fill(true)
    /** @type {ArrayLike<number>} of the points */
    this.digits = []
    /** @type {Places | null} where the points are on the map */
    this.places = null
    /** @type {Places | null} the same without zoom: CSS pixels from the middle, down positive */
    this.at = null
    /** @type {Places | null} from where the points travel, as `at` */
    this.travelled = null
    this.way = 0 // The share of the way that they have gone.
    /** @type {Place} the middle of the canvas without zoom */
    this.middle = { x: 0, y: 0 }
    this.unit = 0 // CSS pixels for a unit of the map without zoom; 0: there are no points yet.
    this.zoom = 1
    this.left = 0 // How far the view is moved, in CSS pixels without zoom.
    this.top = 0
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} ratio
   */
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

  /**
   * Show points.
   * @param {Places} places
   * @param {ArrayLike<number>} digits
   * @param {boolean} animate whether they can travel there: see `travel`
   */
  show(places, digits, animate) {
    this.travelled = animate && this.at?.x.length === places.x.length ? this.at : null
    this.places = places
    this.digits = digits
    this.layOut()
    if (this.travelled) this.reset()
  }

  layOut() {
    const { places, width, height } = this
    if (!places || !width) return
    const [x, y] = [extent(places.x), extent(places.y)]
    const unit = MARGIN * Math.min(width / (x.high - x.low || 1), height / (y.high - y.low || 1))
    const middle = { x: (x.high + x.low) / 2, y: (y.high + y.low) / 2 }
    this.unit = unit
    this.middle = middle
    this.at = {
      x: places.x.map((value) => (value - middle.x) * unit),
      y: places.y.map((value) => (middle.y - value) * unit),
    }
  }

  // Until other points are shown, there are none.
  forget() {
    this.places = this.at = this.travelled = null
  }

  /**
   * @param {Place} place
   * @returns {Spot}
   */
  toScreen({ x, y }) {
    return [
      this.width / 2 + ((x - this.middle.x) * this.unit - this.left) * this.zoom,
      this.height / 2 + ((this.middle.y - y) * this.unit - this.top) * this.zoom,
    ]
  }

  /**
   * @param {number} across
   * @param {number} down
   * @returns {Place}
   */
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

  /**
   * Zoom so that what is at this place of the canvas stays there; returns whether it changed.
   * @param {number} across
   * @param {number} down
   * @param {number} factor
   */
  zoomAt(across, down, factor) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), MAX_ZOOM)
    if (zoom === this.zoom) return false
    const x = across - this.width / 2
    const y = down - this.height / 2
    this.left += x / this.zoom - x / zoom
    this.top += y / this.zoom - y / zoom
    this.zoom = zoom
    this.keepInside()
    return true
  }

  /**
   * @param {number} across
   * @param {number} down
   */
  moveBy(across, down) {
    this.left -= across / this.zoom
    this.top -= down / this.zoom
    this.keepInside()
  }

  // The middle of the view stays on the map; without zoom, all of the map stays in view.
  keepInside() {
    /** @type {(value: number, size: number) => number} */
    const bound = (value, size) => {
      const most = (size / 2) * (1 - 1 / this.zoom)
      return Math.min(Math.max(value, -most), most)
    }
    this.left = bound(this.left, this.width)
    this.top = bound(this.top, this.height)
  }

  /**
   * Let the points go to their new places.
   * @param {number} share of the way, 0 to 1
   */
  travel(share) {
    this.way = share
    if (share >= 1) this.travelled = null
  }

  /**
   * Paint the points or, if few are in view, their images.
   * @param {ImageOf} imageOf
   */
  paint(imageOf) {
    const { at, isShown, colours } = this
    if (!at) return
    const places = this.travelled ? between(this.travelled, at, this.way) : at
    this.pixels.fill(0)
    if (!isShown.every(Boolean)) {
      this.paintDigits(
        places,
        colours.map((_, digit) => (isShown[digit] ? 0 : FAINT)),
      )
    }
    const inView = this.inView(at)
    if (inView) for (const i of inView) this.paintImage(i, at, imageOf(i))
    else
      this.paintDigits(
        places,
        colours.map((colour, digit) => (isShown[digit] ? colour : 0)),
      )
    this.context.putImageData(this.image, 0, 0)
  }

  /**
   * The points in view of the digits that are shown; null if they are many, or on their way.
   * @param {Places} at
   */
  inView({ x, y }) {
    if (this.travelled || this.zoom < 2) return null
    const across = this.width / this.zoom / 2
    const down = this.height / this.zoom / 2
    const found = []
    for (let i = 0; i < x.length; i++) {
      if (Math.abs(x[i] - this.left) > across || Math.abs(y[i] - this.top) > down) continue
      if (!this.isShown[this.digits[i]]) continue
      if (found.push(i) > MAX_IMAGES) return null
    }
    return found
  }

  /**
   * An image in its digit's colour, black transparent; a dot until the image is there.
   * @param {number} i
   * @param {Places} at
   * @param {Uint8Array | null} image
   */
  paintImage(i, at, image) {
    const { pixels, zoom, ratio } = this
    const { width, height } = this.canvas
    const scale = Math.round(ratio) || 1
    const side = IMAGE * scale
    const colour = this.colours[this.digits[i]] & 0xffffff
    const left = Math.round(width / 2 + (at.x[i] - this.left) * zoom * ratio - side / 2)
    const top = Math.round(height / 2 + (at.y[i] - this.top) * zoom * ratio - side / 2)
    for (let row = Math.max(0, -top); row < side && top + row < height; row++) {
      const line = IMAGE * Math.floor(row / scale)
      for (let column = Math.max(0, -left); column < side && left + column < width; column++) {
        const ink = image ? image[line + Math.floor(column / scale)] : dot(row, column, side)
        const to = (top + row) * width + left + column
        if (ink > pixels[to] >>> 24) pixels[to] = ((ink << 24) | colour) >>> 0
      }
    }
  }

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }

  /**
   * @param {Places} places as `at`
   * @param {Uint32Array} colours of the digits, ABGR; 0 leaves the points of one out
   */
  paintDigits({ x, y }, colours) {
    const { pixels, digits, ratio, zoom } = this
    const { width, height } = this.canvas
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
      const isInside = left + spans.length <= width && top + spans.length <= height
      if (left < 0 || top < 0 || !isInside) continue
      for (let row = 0; row < spans.length; row++) {
        const start = (top + row) * width + left
        for (let k = spans[row]; k < spans.length - spans[row]; k++) pixels[start + k] = colour
      }
    }
  }

  // The diameter of a point, in pixels of the canvas.
  pointSize() {
    return Math.max(2, Math.round(POINT * this.ratio * Math.min(this.zoom ** 0.45, 4)))
  }
}

/**
 * @param {Places} from
 * @param {Places} to
 * @param {number} share of the way
 */
function between(from, to, share) {
  return {
    x: to.x.map((value, i) => from.x[i] + share * (value - from.x[i])),
    y: to.y.map((value, i) => from.y[i] + share * (value - from.y[i])),
  }
}

/**
 * The ink of a dot in a square.
 * @param {number} row
 * @param {number} column
 * @param {number} side
 */
function dot(row, column, side) {
  return Math.hypot(row - side / 2, column - side / 2) < side / 7 ? 255 : 0
}

/**
 * For each row of a disc, how many pixels at both its ends are left out.
 * @param {number} size its diameter
 */
function disc(size) {
  return Array.from({ length: size }, (_, row) => {
    const from = row + 0.5 - size / 2
    return size < 4 ? 0 : Math.round(size / 2 - Math.sqrt((size / 2) ** 2 - from ** 2))
  })
}

/** @param {Float32Array} values */
function extent(values) {
  const sorted = Float32Array.from(values).sort()
  const skip = Math.floor(TAIL * sorted.length)
  return { low: sorted[skip], high: sorted[sorted.length - 1 - skip] }
}
