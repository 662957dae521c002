// What a copied link says besides the address of the page: the state of components that only the
// browser knows, such as a pinned point.

/** @type {Map<string, () => string | null>} */
const parts = new Map()

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
 * The address with what components have contributed.
 * @param {string} address
 */
export function fullAddress(address) {
  return withParameters(
    address,
    [...parts].map(([name, read]) => [name, read()]),
  )
}

/**
 * The address with other values of parameters; null takes one out.
 * @type {(address: string, parameters: [string, string | null][]) => string}
 */
export function withParameters(address, parameters) {
  const url = new URL(address)
  for (const [name, value] of parameters) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}
