"""A button that copies the address of the page."""

from typing import Any

import streamlit as st

_STYLE = """
button {
  font: inherit; font-size: 0.875rem; cursor: pointer; padding: 0.25rem 0.75rem; min-height: 2.5rem;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem);
}
button:hover { color: var(--st-primary-color); border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
"""
# Without https, and not on localhost, browsers have no navigator.clipboard.
_SCRIPT = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href)
      button.textContent = "Copied"
    } catch {
      window.prompt("Link", location.href)
    }
    setTimeout(() => { button.textContent = data.label }, 2000)
  }
}
"""

_component = st.components.v2.component(
    "vae_lab_copy_link", html='<button type="button">Copy link</button>', css=_STYLE, js=_SCRIPT
)


def copy_link(label: str) -> Any:
    """Show the button."""
    return _component(data={"label": label}, key="copy_link", width="content", height="content")
