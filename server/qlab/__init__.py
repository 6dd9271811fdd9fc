"""A dialect beside our own: the OSC API of QLab 5, so that controllers made for QLab drive this."""
