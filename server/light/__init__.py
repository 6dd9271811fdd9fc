"""Light: a few channels of DMX by sACN (E1.31) or Art-Net, which follow the picture or a control.

Both protocols are one UDP packet for each picture of a universe, so they are written here, from their
specifications; the libraries for them bring a thread and a clock of their own.
"""
