// Making elements, and numbers as text.

export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

// A number with a minus sign as wide as a plus sign.
export function signed(value, decimals = 2) {
  return value.toFixed(decimals).replace("-", "−")
}

// As `percent` of ui/labels.py: with as many decimals as it takes not to round up to 100 %; these are
// cut off, not rounded.
export function percent(share) {
  let text = (100 * share).toFixed(1), decimals = 1
  while (share < 1 && text.startsWith("100") && decimals < 6) {
    text = (100 * share).toFixed(++decimals)
  }
  if (decimals > 1) text = (100 * share).toFixed(9).slice(0, text.length)
  return `${text}\u00a0%`
}
