"""Augmentation: one definition of each operation, for folders of pictures and for batches in training."""
