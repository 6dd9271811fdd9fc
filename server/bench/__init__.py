"""`marrow bench`: the figures of a real `marrow run`, from outside. It measures, it asserts nothing."""

from server.bench.command import bench

__all__ = ["bench"]
