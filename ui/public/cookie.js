// Keeps the cookie that says who the visitor is.
//
// `data` is {name, value, force}. A cookie of another visitor stays unless `force` is true: another
// tab, opened at the same time, wrote it first. A cookie of the same visitor is written again, which
// renews it. The trigger `found` has what the browser keeps then.

const A_YEAR = 365 * 24 * 3600

export default function ({ data, setTriggerValue }) {
  const { name, value, force } = data
  const id = (cookie) => cookie.split(".")[0]
  const kept = read(name)
  if (force || !kept || id(kept) === id(value)) write(name, value)
  setTriggerValue("found", read(name))
}

function read(name) {
  const pair = document.cookie.split("; ").find((text) => text.startsWith(`${name}=`))
  return pair ? pair.slice(name.length + 1) : ""
}

function write(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR}; SameSite=Lax${secure}`
}
