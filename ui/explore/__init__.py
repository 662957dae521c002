"""What the Explore page is made of: a module for each of its views."""

VIEW_HTML = '<div class="explore"><div class="view"></div></div>'
"""What the component of a view finds in its element."""
