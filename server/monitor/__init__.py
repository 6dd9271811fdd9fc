"""The crew's monitor: what comes in and goes out, lines of the patch learned from it, and whether all is
well."""
