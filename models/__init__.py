"""What it looks like: latents, networks, effects, data sets and training. Torch lives here."""
