// A component as an object: made once for its element, updated with new data, closed when the
// element has left the page.
//
// `View` is a class: its constructor takes the element and a `Host`, `expect(data)` is called each
// time that Streamlit shows the component, `close()` at the end. Its first error is reported.

import { element } from "./dom.js"
import { report } from "./failures.js"

export function component(View) {
  const hosts = new WeakMap()
  return ({ data, parentElement, setTriggerValue }) => {
    if (!hosts.has(parentElement)) hosts.set(parentElement, new Host(parentElement))
    const host = hosts.get(parentElement)
    // A trigger runs the fragment in which the component was shown the last time.
    host.trigger = setTriggerValue
    host.guard(() => {
      host.view ??= new View(parentElement, host)
      host.view.expect(data)
    })()
    return () => {
      if (!parentElement.isConnected) host.view?.close()
    }
  }
}

class Host {
  constructor(element) {
    this.element = element
  }

  // `act`, as an event handler whose errors are reported.
  guard(act) {
    return (event) => {
      try {
        act(event)
      } catch (error) {
        report(error, this.element)
      }
    }
  }
}

export function append(parent, name, className, text = "") {
  const attributes = className ? { class: className } : {}
  return parent.appendChild(element(name, attributes, text ? [text] : []))
}

// The index of the value that is nearest to `at` among ascending ones; null: of the last.
export function nearest(values, at) {
  if (at === null) return values.length - 1
  let best = 0
  values.forEach((value, i) => {
    if (Math.abs(value - at) <= Math.abs(values[best] - at)) best = i
  })
  return best
}
