"""What the Explore page is made of: a module for each of its views."""
