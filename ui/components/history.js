// The history of the browser, as Back needs it.
//
// When a link to another page is clicked, Streamlit removes the parameters of the page that is being
// left before it changes the path, and makes an entry of that. Back would lead there: to the old page
// without its parameters. So that entry is not made.

let leaving = false

addEventListener("click", (event) => {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
  // Streamlit follows a link itself; others, such as one for a new tab, are not prevented.
  if (link instanceof HTMLAnchorElement && event.defaultPrevented) {
    leaving = link.pathname !== location.pathname
  }
})

history.pushState = (state, unused, url) => {
  const isSamePage = new URL(url ?? "", location.href).pathname === location.pathname
  if (leaving && isSamePage) return
  leaving = false
  History.prototype.pushState.call(history, state, unused, url)
}
