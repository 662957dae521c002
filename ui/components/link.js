// What a copied link says besides the address of the page: the state of components that only the
// browser knows, such as a pinned point.

const shared = /** @type {any} */ (globalThis)
shared[Symbol.for("vae-lab-link")] ??= new Map()

/** @type {Map<string, () => string | null>} */
const parts = shared[Symbol.for("vae-lab-link")]

/**
 * Add a parameter to copied links. Returns a function that takes it out again; call it when the
 * component leaves the page.
 * @param {string} name
 * @param {() => string | null} read its value, or null for none
 */
export function contribute(name, read) {
  parts.set(name, read)
  return () => {
    if (parts.get(name) === read) parts.delete(name)
  }
}

/**
 * The address with these parameters.
 * @param {string} address
 */
export function fullAddress(address) {
  const url = new URL(address)
  for (const [name, read] of parts) {
    const value = read()
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}
