"""The service's own logging for the length of a test, and everything put back afterwards."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

import structlog

from service.telemetry.logging import LIBRARY_LEVELS, configure_logging

Stream = TypeVar("Stream", bound=TextIO)


@contextmanager
def logging_to(stream: Stream, log_format: str = "json") -> Iterator[Stream]:
    """Log to `stream` as a process of the service does."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("service", *LIBRARY_LEVELS)}
    configure_logging(log_format, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, former in levels.items():
            logging.getLogger(name).setLevel(former)
        logging.captureWarnings(capture=False)
        sys.excepthook, threading.excepthook = hooks
        structlog.reset_defaults()
