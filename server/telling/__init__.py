"""What the show tells of itself by OSC: where it is, where the walk is, what the picture is like.

To listed targets and to who subscribes, each address at a rate.
"""
