"""Of the whole suite: several processes share the cores, and a property test is a search, not a proof."""

import os

import pytest
from hypothesis import settings

# Threads of two processes that wait for each other's cores are slower than one each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("everyday", max_examples=30, deadline=None)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts real shows and browsers goes first: no process is to be left with it in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/test_", "tests/static/")))
