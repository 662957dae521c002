"""What the page How it works is made of: a module for each of its steps."""
