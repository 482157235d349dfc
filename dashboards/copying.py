"""The button that copies the address of what is shown, with all choices, to be sent to somebody."""

from typing import Final

import streamlit as st

from dashboards import texts
from dashboards.texts import Language

_BODY: Final = '<button type="button" class="copy"></button>'
_STYLE: Final = """
.copy {font:inherit;color:var(--st-text-color);background:var(--st-background-color);padding:.45rem .8rem;width:100%;
  min-height:2.5rem;border:1px solid var(--st-border-color);border-radius:.5rem;cursor:pointer}
.copy:hover, .copy:focus-visible {border-color:var(--st-primary-color);outline:2px solid var(--st-primary-color)}
"""
_SCRIPT: Final = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector(".copy")
  button.textContent = data.copy
  button.onclick = async () => {
    await navigator.clipboard.writeText(window.location.href)
    button.textContent = data.copied
    setTimeout(() => { button.textContent = data.copy }, 2000)
  }
}
"""


def button(language: Language) -> None:
    """Show the button."""
    # Declared on every run, as the registry of components is that of the session's server.
    component = st.components.v2.component("hexaflux_copy", html=_BODY, css=_STYLE, js=_SCRIPT)
    component(data={"copy": texts.COPY.say(language), "copied": texts.COPIED.say(language)}, key="copy")
