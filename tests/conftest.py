"""Fixtures of every suite; those of a cluster start it at the first use."""
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

# pylint: disable=wildcard-import,unused-wildcard-import,wrong-import-position
from support.fixtures import *  # noqa: E402,F401,F403


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures times, so nothing else may run beside it")
