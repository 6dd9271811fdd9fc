"""Performances on a clock that is moved by hand, and what is made of a night that was played."""
