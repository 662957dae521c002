// Hands new data to the components on the page. Streamlit sends a component's code with its data:
// this code is short, that of the components that show the data is not.
//
// `data` is {name: value, …}; see feeds.js.

import { push } from "./feeds.js"

export default function ({ data, setTriggerValue }) {
  try {
    for (const [name, value] of Object.entries(data)) push(name, value)
  } catch (error) {
    setTriggerValue("failed", String(error))
  }
}
