// Keeps the cookie that says who the visitor is.
//
// A cookie of another visitor stays unless `force` is true: another tab, opened at the same time,
// wrote it first. A cookie of the same visitor is written again, which renews it.
//
// Triggers: found, with what the browser keeps then.

const A_YEAR = 365 * 24 * 3600

/** @import { Given } from "../components/view.js" */

/** @typedef {{name: string, value: string, force: boolean}} CookieData */

/** @param {Given<CookieData>} given */
export default function ({ data, setTriggerValue }) {
  const { name, value, force } = data
  /** @param {string} cookie */
  const id = (cookie) => cookie.split(".")[0]
  const kept = read(name)
  if (force || !kept || id(kept) === id(value)) write(name, value)
  setTriggerValue("found", read(name))
}

/** @param {string} name */
function read(name) {
  const pair = document.cookie.split("; ").find((text) => text.startsWith(`${name}=`))
  return pair ? pair.slice(name.length + 1) : ""
}

/**
 * @param {string} name
 * @param {string} value
 */
function write(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : ""
  // biome-ignore lint/suspicious/noDocumentCookie: Firefox and Safari have had cookieStore only since 2025
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR}; SameSite=Lax${secure}`
}
