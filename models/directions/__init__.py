"""Looking inside a network: directions in W without labels and with few, and the centres of its modes."""
