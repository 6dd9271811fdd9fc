"""How fast this machine paints: every backend beside the plain formulation, in one run."""
