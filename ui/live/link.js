// What a copied link says besides the address of the page: the state of components that only the
// browser knows, such as a pinned point.

const parts = (globalThis[Symbol.for("vae-lab-link")] ??= new Map())

// Add a parameter to copied links: `read()` returns its value as text, or null for none. Returns a
// function that takes it out again; call it when the component leaves the page.
export function contribute(name, read) {
  parts.set(name, read)
  return () => {
    if (parts.get(name) === read) parts.delete(name)
  }
}

// The address with these parameters.
export function fullAddress(address) {
  const url = new URL(address)
  for (const [name, read] of parts) {
    const value = read()
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}
