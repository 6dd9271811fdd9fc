"""The data set: a painter of families at dinner, their cut-outs, and the composites a generator learns."""
