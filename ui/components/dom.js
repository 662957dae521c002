// Making elements, and numbers as text.

/** @typedef {Record<string, string | number | boolean>} Attributes */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag)
  set(made, attributes)
  made.append(...children)
  return made
}

/**
 * Set attributes.
 * @type {(element: Element, attributes: Attributes) => void}
 */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}

/**
 * A number with a minus sign as wide as a plus sign.
 * @param {number} value
 */
export function signed(value, decimals = 2) {
  return value.toFixed(decimals).replace("-", "−")
}

/**
 * As `percent` of ui/shared/labels.py: with as many decimals as it takes not to round up to 100 %; these are
 * cut off, not rounded.
 * @param {number} share
 */
export function percent(share) {
  let decimals = 1
  let text = (100 * share).toFixed(decimals)
  while (share < 1 && text.startsWith("100") && decimals < 6) {
    text = (100 * share).toFixed(++decimals)
  }
  if (decimals > 1) text = (100 * share).toFixed(9).slice(0, text.length)
  return `${text}\u00a0%`
}
