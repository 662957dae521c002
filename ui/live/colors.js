// The colours of the digits 0 to 9 on maps.
//
// Ten that people with any kind of colour blindness can tell apart, also on white and on black:
// M. A. Petroff, Accessible Color Sequences for Data Visualization, 2021 (arXiv:2107.02270).

export const DIGIT_COLORS = [
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#832db6",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
]
