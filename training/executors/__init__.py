"""Where the items of a stage are made: one file an executor, found by its name."""

import sys

from service.plugins import load
from training.executors.port import EXECUTORS, Executor


def open_executor(name: str, address: str = "") -> Executor:
    """The executor called `name`; raises UnknownPlugin with the known names."""
    load(sys.modules[__name__])
    return EXECUTORS.get(name)(address)
