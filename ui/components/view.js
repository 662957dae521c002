// A component as an object: made once for its element, updated with new data, closed when the
// element has left the page.

import { element } from "./dom.js"
import { report } from "./failures.js"

/**
 * What Streamlit calls the default function of a component with.
 * @template Data
 * @typedef {object} Given
 * @property {Data} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * @template Data
 * @typedef {{listen: () => void, update: (data: Data) => void, close: () => void}} Shown
 */

/**
 * The default function of a component that is shown by objects of this class.
 * @template Data
 * @param {new (root: HTMLElement, host: Host) => Shown<Data>} Kind
 */
export function component(Kind) {
  /** @type {WeakMap<HTMLElement, Host>} */
  const hosts = new WeakMap()
  /** @param {Given<Data>} given */
  return ({ data, parentElement, setTriggerValue }) => {
    const host = hosts.get(parentElement) ?? new Host(parentElement)
    hosts.set(parentElement, host)
    // A trigger runs the fragment in which the component was shown the last time.
    host.trigger = setTriggerValue
    host.guard(() => {
      if (!host.view) {
        host.view = new Kind(parentElement, host)
        host.view.listen()
      }
      host.view.update(data)
    })()
    return () => {
      if (parentElement.isConnected) return
      host.closing.abort()
      host.view?.close()
    }
  }
}

export class Host {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element
    /** @type {(name: string, value: unknown) => void} */
    this.trigger = () => {}
    /** @type {Shown<any> | null} */
    this.view = null
    /** Aborted when the element has left the page. */
    this.closing = new AbortController()
    /** @param {unknown} error */
    this.report = (error) => report(error, element)
  }

  /**
   * `act`, as an event handler whose errors are reported.
   * @param {(event: any) => void} act
   */
  guard(act) {
    /** @param {unknown} [event] */
    return (event) => {
      try {
        act(event)
      } catch (error) {
        this.report(error)
      }
    }
  }

  /**
   * Call `act(event)` at an event until the element has left the page, and report its errors.
   * @param {EventTarget} target
   * @param {string} event
   * @param {(event: any) => void} act
   * @param {AddEventListenerOptions} [options]
   */
  on(target, event, act, options) {
    target.addEventListener(event, this.guard(act), { signal: this.closing.signal, ...options })
  }
}

/**
 * What a component shows in its element, whose parts it finds by their classes.
 * @template [Data=unknown]
 */
export class View {
  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = root
    this.host = host
  }

  /** Called once, after the constructor: adds the event listeners. */
  listen() {}

  /**
   * Called each time that Streamlit shows the component.
   * @param {Data} _data
   */
  update(_data) {}

  /** Called when the element has left the page. */
  close() {}

  /**
   * The element with this class.
   * @template {HTMLElement} [Kind=HTMLElement]
   * @param {string} name
   */
  part(name) {
    return /** @type {Kind} */ (this.root.querySelector(`.${name}`))
  }

  /**
   * The slider, or another field, with this class.
   * @param {string} name
   */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.part(name))
  }

  /**
   * Say something there.
   * @type {(name: string, text: string | number) => void}
   */
  say(name, text) {
    this.part(name).textContent = String(text)
  }

  /**
   * Call `act(event)` at an event of that element.
   * @type {(name: string, event: string, act: (event: any) => void) => void}
   */
  on(name, event, act) {
    this.host.on(this.part(name), event, act)
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} name
 */
export function append(parent, name, className = "", text = "") {
  const made = element(name, {}, text ? [text] : [])
  if (className) made.className = className
  return parent.appendChild(made)
}

/**
 * The index of the value that is nearest to `at` among ascending ones; null: of the last.
 * @type {(values: number[], at: number | null) => number}
 */
export function nearest(values, at) {
  if (at === null) return values.length - 1
  let best = 0
  for (const [i, value] of values.entries()) {
    if (Math.abs(value - at) <= Math.abs(values[best] - at)) best = i
  }
  return best
}
