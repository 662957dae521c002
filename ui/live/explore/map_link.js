// What a copied link says of the map besides the model; ui/explore/latent_map.py checks it.

import { contribute } from "../link.js"

// Let `chosen`, which a visitor changes from then on, begin with what a link says: `start` as in
// map.js. Without a projection, the pin is on the one that is shown first.
export function adopt(chosen, { projection, pin, shown, digit }) {
  Object.assign(chosen, { projection, shown, digit, pins: {} })
  if (pin) chosen.pins[projection ?? "first"] = { x: pin[0], y: pin[1] }
}

// Have links tell the state of the view of map.js, until the function that is returned is called.
export function contributeState(view) {
  const read = {
    map: () => (view.projection === view.points.projections[0] ? null : view.projection),
    pin: () => view.pin && `${view.pin.x},${view.pin.y}`,
    shown: () => view.chosen.shown?.join("") || null,
    as: () => (view.data.labelled ? view.chosen.digit?.toString() ?? null : null),
  }
  const parts = Object.entries(read).map(([name, value]) => {
    return contribute(name, () => (view.points ? value() : null))
  })
  return () => parts.forEach((take) => take())
}
