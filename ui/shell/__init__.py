"""What is around every page: header, choice of the model, addresses, labels."""
