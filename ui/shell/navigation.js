// Makes the row of pages around it a navigation landmark: Streamlit's containers have no roles.
// Has all of the document follow the app's theme, since what opens over a page is not in the app.
//
// `data` is {row, name}: the class of the row, and its name for a screen reader.

import "../components/history.js"

export default function ({ data, parentElement }) {
  const row = parentElement.getRootNode().host.closest(`.${data.row}`)
  row.setAttribute("role", "navigation")
  row.setAttribute("aria-label", data.name)

  const app = row.closest("[data-testid=stApp]")
  const follow = () => {
    document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme
  }
  follow()
  const observer = new MutationObserver(follow)
  observer.observe(app, { attributeFilter: ["class"] })
  return () => observer.disconnect()
}
