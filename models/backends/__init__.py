"""Ways of running one network: the float32 reference, and faster ones that have to look the same."""
