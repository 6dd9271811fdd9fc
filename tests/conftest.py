"""Of the whole suite: several processes share the cores, and a property test is a search, not a proof."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Threads of two processes that wait for each other's cores are slower than one each.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every day, so that what failed once fails again; the deep search finds others.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("everyday", UNHURRIED, max_examples=30, derandomize=True)
settings.register_profile("deep", UNHURRIED, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts real shows and browsers goes first: no process is to be left with it in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/test_", "tests/static/")))
