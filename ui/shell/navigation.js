// Makes the row of pages around it a navigation landmark: Streamlit's containers have no roles.
// Has all of the document follow the app's theme, since what opens over a page is not in the app.
//
// `data` is {row, name}: the class of the row, and its name for a screen reader.

import { set } from "../components/dom.js"
import { followTheme } from "../components/streamlit.js"

/** @param {import("../components/view.js").Given<{row: string, name: string}>} given */
export default function ({ data, parentElement }) {
  const { host } = /** @type {ShadowRoot} */ (parentElement.getRootNode())
  const row = /** @type {HTMLElement} */ (host.closest(`.${data.row}`))
  set(row, { role: "navigation", "aria-label": data.name })
  return followTheme((scheme) => {
    document.documentElement.style.colorScheme = scheme
  })
}
