// The events of a run: one connection for all components of a page.

import { View } from "../components/view.js"

/** @import { Host } from "../components/view.js" */

/** @typedef {{source: EventSource, followers: number}} Feed */

/** @type {Map<string, Feed>} by address */
const feeds = new Map()

/**
 * Call `listener` with the newest data of a part of the run; returns a function that ends that.
 * @param {string} run its address
 * @param {string} part
 * @param {(data: any) => void} listener gets null if there are no events any more
 */
function follow(run, part, listener) {
  const feed = feeds.get(run) ?? { source: new EventSource(`${run}/events`), followers: 0 }
  feeds.set(run, feed)
  feed.followers += 1
  /** @param {MessageEvent} event */
  const hear = (event) => listener(JSON.parse(event.data))
  // The browser connects again by itself, but not after an answer such as 404 or a proxy's 502.
  const ended = () => {
    if (feed.source.readyState !== EventSource.CLOSED) return
    forget(run, feed)
    listener(null)
  }
  feed.source.addEventListener(part, hear)
  feed.source.addEventListener("error", ended)
  return () => {
    feed.source.removeEventListener(part, hear)
    feed.source.removeEventListener("error", ended)
    feed.followers -= 1
    if (feed.followers) return
    feed.source.close()
    forget(run, feed)
  }
}

/**
 * @param {string} run
 * @param {Feed} feed
 */
function forget(run, feed) {
  if (feeds.get(run) === feed) feeds.delete(run)
}

/**
 * A part of a run: shows what Streamlit gives it, and from then on what the events bring.
 * @template Data
 * @extends {View<Data & {events: string}>}
 */
export class LivePart extends View {
  name = "" // Of the part.
  events = ""
  unfollow = () => {}

  /** @param {Data & {events: string}} data */
  update(data) {
    if (this.events !== data.events) {
      this.unfollow()
      this.events = data.events
      const hear = this.host.guard((news) => this.hear(news))
      this.unfollow = data.events ? follow(data.events, this.name, hear) : () => {}
    }
    this.given = data
    this.show(data)
  }

  /** @param {Data | null} news */
  hear(news) {
    if (news) this.show({ ...this.given, ...news })
    else this.events = "" // The next update follows it again.
  }

  /** @param {any} _data */
  show(_data) {}

  close() {
    this.unfollow()
  }
}
