"""Foreign checkpoints into Marrow's own format. Files are read as data: nothing in them runs."""
