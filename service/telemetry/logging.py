"""One way out for every log line: structlog's own and those of the libraries below us.

A line of ours is an event name with listed fields. A line of a library is reduced to where it was
written, for its text may quote a data set; only libraries named here are known to quote nothing.
Exceptions are reduced to their class and the places they passed, because their text may quote
a value; a ServiceError's text never does (`errors.py`), so it is kept.
"""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

import structlog

from service.errors import ServiceError
from service.telemetry.redaction import redact

LIBRARIES_THAT_QUOTE_NOTHING = frozenset({"uvicorn.error", "alembic.runtime.migration"})
LIBRARY_LEVELS = {
    "pydicom": logging.WARNING,  # these two bring handlers of their own
    "pynetdicom": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,  # its lines hold the whole URL
    "uvicorn.error": logging.INFO,
}
"""Other libraries speak from WARNING on, by the root logger's level."""
INNERMOST_PLACES = 4

Event = MutableMapping[str, Any]


def configure_logging(log_format: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (standard error), as `json` or for a `console`.

    `level` is ours; libraries speak from WARNING on. Warnings and uncaught exceptions go the same
    way, since Python would print their text.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(level)
    for name, library_level in LIBRARY_LEVELS.items():
        _quieten(name, library_level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of module `name`; call it with an event name and listed keys."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def exception_fields(error: BaseException) -> dict[str, str]:
    """Return what may be logged of `error`: its class, where it passed, our code and text."""
    fields = {"error": type(error).__name__, "location": _places(error)}
    if isinstance(error, ServiceError):
        fields |= {"code": error.code, "text": error.text}
    return fields


def _formatter(log_format: str) -> logging.Formatter:
    renderer: Any = structlog.processors.JSONRenderer()
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_library_line,
            _describe_exception,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            renderer,
        ],
    )


def _quieten(name: str, level: int) -> None:
    """Let the library's lines reach only our handler, from `level` on."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(level)


def _describe_library_line(_logger: object, _method: str, event: Event) -> Event:
    """Replace the text of a line that is not ours by the place it comes from."""
    if event["_from_structlog"]:
        return event
    record: logging.LogRecord = event["_record"]
    message = event["event"]
    event["event"] = "library_message"
    event["location"] = f"{record.module}:{record.lineno}"
    if record.name in LIBRARIES_THAT_QUOTE_NOTHING:
        event["text"] = message.splitlines()[0] if message else ""
    return event


def _describe_exception(_logger: object, _method: str, event: Event) -> Event:
    """Replace `exc_info` by fields without the exception's text."""
    error = _current_exception(event.pop("exc_info", None)) or _recorded_exception(event)
    if error is not None:
        event.update(exception_fields(error))
    return event


def _current_exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exception() if exc_info else None


def _recorded_exception(event: Event) -> BaseException | None:
    record = event.get("_record")
    return record.exc_info[1] if record is not None and record.exc_info else None


def _places(error: BaseException) -> str:
    """Return the innermost places that `error` passed, the one that raised it first."""
    frames = traceback.extract_tb(error.__traceback__)[-INNERMOST_PLACES:]
    return " < ".join(f"{PurePath(f.filename).stem}:{f.lineno}" for f in reversed(frames))


def _log_uncaught(
    _kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    get_logger("service").critical("process_failed", exc_info=error)


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        get_logger("service").error("thread_failed", exc_info=arguments.exc_value)
