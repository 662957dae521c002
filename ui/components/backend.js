// Tells Streamlit's code where the server is: it would look for it below the path of the page first.
// A plain script, which runs before that code.

{
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript)
  Object.assign(window, { __streamlit: { BACKEND_BASE_URL: new URL("../../../", src).href } })
}
