// The colours of the digits 0 to 9 on maps. People with any kind of colour blindness can tell them
// apart, and their contrast with the background is at least 3 (tests/ui/test_colors.py).

// On a dark background: M. A. Petroff, Accessible Color Sequences for Data Visualization, 2021
// (arXiv:2107.02270), his ten; those of 2 and 4 are a little lighter.
export const ON_DARK = [
  "#3f90da",
  "#ffa90e",
  "#bf2104",
  "#94a4a2",
  "#8b36be",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
]
// On a light one, where four of those are too pale: found by a search for the largest distances in
// Oklab, also as colour-blind people see them.
export const ON_LIGHT = [
  "#0008f4",
  "#f50000",
  "#045063",
  "#8e5bff",
  "#328318",
  "#1a9de0",
  "#7708a3",
  "#ff3cbf",
  "#8d220a",
  "#a06f7d",
]

/**
 * The colour of a digit in both themes, for CSS.
 * @param {number} digit
 */
export function digitColor(digit) {
  return `light-dark(${ON_LIGHT[digit]}, ${ON_DARK[digit]})`
}
