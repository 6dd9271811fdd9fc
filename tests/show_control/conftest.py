"""Settings that every test of the show machine shares."""

from hypothesis import settings

settings.register_profile("show", max_examples=40, deadline=None)
settings.load_profile("show")
