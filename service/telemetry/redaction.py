"""The allow-list between a log call and the log: what is not listed is dropped and counted.

A deny-list forgets the field that is added tomorrow; an allow-list forgets nothing. Study, Series
and SOP Instance UIDs are identifiers (PS3.15 annex E replaces them) and so are not on the list:
a job is followed by its random job id, and an instance by its `keyed_hash`.
"""

import hashlib
import re
from collections.abc import MutableMapping
from enum import Enum
from typing import Any

from service.telemetry.metrics import LOG_FIELDS_DROPPED

ALLOWED_KEYS = frozenset(
    {
        # set by the logging machinery itself
        "event",
        "level",
        "timestamp",
        "logger",
        "location",
        "process",
        "dropped",
        # which work
        "job_id",
        "instance_hash",
        "request_id",
        "state",
        "attempt",
        "attempts",
        "fence",
        "stage",
        "queue",
        "kind",
        "destination",
        "delivery_id",
        # what kind of object
        "sop_class_uid",
        "transfer_syntax_uid",
        "modality",
        "view",
        "rows",
        "columns",
        "model_name",
        "model_version",
        # how it went
        "code",
        "text",
        "error",
        "status",
        "warnings",
        "seconds",
        "bytes",
        "free_bytes",
        "count",
        # who talks to whom
        "calling_ae_title",
        "called_ae_title",
        "peer",
        "method",
        "route",
        "host",
        "bind",
        "port",
        "pid",
        "role",
        "signal",
        "version",
        "provider",
        "workers",
    }
)
"""`text` is for ServiceError messages, which never hold an attribute's value (`errors.py`)."""

MAXIMUM_TEXT = 200
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")


def keyed_hash(key: bytes, identifier: str) -> str:
    """Return 16 hexadecimal digits that stand for `identifier` in logs.

    Without the key nobody can test a guessed UID against a log line (BLAKE2b, RFC 7693).
    """
    return hashlib.blake2b(identifier.encode(), key=key[:64], digest_size=8).hexdigest()


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return the listed keys of `event` with harmless values; the last structlog processor."""
    kept = {key: printable(value) for key, value in event.items() if key in ALLOWED_KEYS}
    kept["event"] = _event_name(event.get("event"))
    dropped = sum(key not in ALLOWED_KEYS for key in event)
    if dropped:
        kept["dropped"] = dropped
        LOG_FIELDS_DROPPED.inc(dropped)
    return kept


def printable(value: object) -> str | int | float | bool | None:
    """Return `value` when it is a number or text on one line; otherwise only its type's name.

    So a Dataset, a path or an exception that is logged by mistake leaves nothing but its class,
    and text cannot forge a second log line or steer a terminal.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _one_line(value)
    return f"<{type(value).__name__}>"


def _one_line(text: str) -> str:
    escaped = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:MAXIMUM_TEXT])
    return escaped if len(text) <= MAXIMUM_TEXT else escaped + "…"


def _event_name(event: object) -> str:
    """Return a fixed snake_case name; a sentence could carry a value that was formatted in."""
    if isinstance(event, str) and _EVENT_NAME.fullmatch(event):
        return event
    return "unnamed_event"
