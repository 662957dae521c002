"""The live parts of the page How it works, a component for each step."""
