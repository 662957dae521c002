// What the map fetches from the server, each once until the page is loaded anew.

import { readSafetensors } from "../../engine/safetensors.js"
import { base } from "../../components/server.js"

const requests = new Map() // The promise of each by its address.

// A promise of the test images in the latent space of a model, as ui/explore/map_data.py
// describes them: {mu, y, origin, axes, shares, embedding, said}, all but `said` flat arrays.
export function pointsOf(modelId) {
  return once(`maps/${encodeURIComponent(modelId)}`, (bytes) => {
    const { tensors, metadata } = readSafetensors(bytes)
    return { ...tensors, said: metadata.said }
  })
}

// A promise of the pixels of all test images, 784 bytes each.
export function imagesAt(address) {
  return once(address, (bytes) => bytes)
}

function once(address, read) {
  if (!requests.has(address)) {
    const request = fetchBytes(address).then(read)
    requests.set(address, request)
    request.catch(() => requests.delete(address))
  }
  return requests.get(address)
}

async function fetchBytes(address) {
  const response = await fetch(new URL(address, base))
  if (!response.ok) throw new Error(await response.text())
  return new Uint8Array(await response.arrayBuffer())
}
