"""What the Train and Runs pages are made of."""
