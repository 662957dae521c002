"""What public mode adds to the pages; outside of it, nothing of this is seen."""
