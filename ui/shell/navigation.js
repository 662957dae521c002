// Makes the row of pages around it a navigation landmark: Streamlit's containers have no roles.
//
// `data` is {row, name}: the class of the row, and its name for a screen reader.

import "../components/history.js"

export default function ({ data, parentElement }) {
  const row = parentElement.getRootNode().host.closest(`.${data.row}`)
  row.setAttribute("role", "navigation")
  row.setAttribute("aria-label", data.name)
}
