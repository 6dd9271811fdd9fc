"""The space that rooms and tables are drawn in."""

SIDE = 512.0
"""The side of the scene, in scene units; the origin is the top left corner."""

BLEED = 40.0
"""How far beyond its sides a scene is painted, so that a tilted camera finds no empty corner."""
