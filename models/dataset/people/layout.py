"""The numbers that the segmentation network, its training and its reading share."""

INPUT = 256
"""The longer side of a picture as the network sees it, in pixels."""
STRIDE = 2
"""Pixels of the input a pixel of the output, each way."""
OFFSET_UNIT = 16.0
"""Offsets are predicted in units of this many output pixels."""
MULTIPLE = 32
"""Both sides of the input are multiples of this."""
PAD = 114
"""The grey that fills what a picture leaves of the input."""
