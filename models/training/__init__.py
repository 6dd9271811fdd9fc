"""From a data set to a generator."""
