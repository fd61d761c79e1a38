"""Every way by which text can reach the log, tried with a patient's name in it."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from service.errors import RejectedInstance
from service.telemetry.logging import exception_fields, get_logger
from tests.logs import logging_to

SENTINEL = "SENTINEL^PATIENT"


class Log(io.StringIO):
    """What was written, as parsed lines."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    with logging_to(Log()) as log:
        yield log


def test_an_event_is_one_line_of_json_with_its_listed_fields(log: Log) -> None:
    get_logger("service.intake").info("instance_accepted", job_id="ab", bytes=12)

    (line,) = log.lines
    assert line["event"] == "instance_accepted"
    assert (line["job_id"], line["bytes"], line["level"]) == ("ab", 12, "info")
    assert line["timestamp"].endswith("Z")


def test_bound_context_is_added_and_checked(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r", patient=SENTINEL):
        get_logger("service").info("request_ended")

    (line,) = log.lines
    assert line["request_id"] == "r"
    assert SENTINEL not in log.getvalue()


def test_an_exception_is_its_class_and_place_and_not_its_text(log: Log) -> None:
    try:
        dict[str, int]()[SENTINEL]
    except KeyError:
        get_logger("service").exception("analysis_failed")

    (line,) = log.lines
    assert line["error"] == "KeyError"
    assert line["location"].startswith("test_logging:")
    assert SENTINEL not in log.getvalue()


def test_our_own_errors_keep_their_code_and_text() -> None:
    error = RejectedInstance("Rows is missing", code="missing_attribute")

    assert exception_fields(error) == {
        "error": "RejectedInstance",
        "location": "",
        "code": "missing_attribute",
        "text": "Rows is missing",
    }


@pytest.mark.parametrize("name", ["pydicom", "pynetdicom.acse", "celery.worker", "someone.else"])
def test_a_library_line_is_reduced_to_its_place(log: Log, name: str) -> None:
    logging.getLogger(name).error("could not read %s", SENTINEL)

    (line,) = log.lines
    assert (line["event"], line["logger"]) == ("library_message", name)
    assert line["location"].startswith("test_logging:")
    assert SENTINEL not in log.getvalue()


def test_a_library_that_quotes_nothing_keeps_its_text(log: Log) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)

    assert log.lines[0]["text"] == "Started server process [7]"


def test_the_text_of_an_exception_logged_by_a_server_is_dropped(log: Log) -> None:
    try:
        int(SENTINEL)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")

    assert log.lines[0]["error"] == "ValueError"
    assert SENTINEL not in log.getvalue()


@pytest.mark.parametrize("name", ["highdicom.base", "celery", "alembic.runtime.migration"])
def test_libraries_do_not_tell_what_they_are_doing(log: Log, name: str) -> None:
    logging.getLogger(name).info("copy the patient of %s", SENTINEL)

    assert log.getvalue() == ""


def test_access_lines_with_their_urls_are_not_printed(log: Log) -> None:
    logging.getLogger("uvicorn.access").info("GET /%s", SENTINEL)

    assert log.getvalue() == ""


def test_a_warning_is_not_printed_with_its_text(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"Invalid value {SENTINEL}", UserWarning, stacklevel=1)

    assert SENTINEL not in log.getvalue() + capsys.readouterr().err
    assert log.lines[0]["logger"] == "py.warnings"


def test_an_uncaught_exception_leaves_no_text(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError(SENTINEL)

    sys.excepthook(ValueError, error, None)
    threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))

    assert [line["event"] for line in log.lines] == ["process_failed", "thread_failed"]
    assert SENTINEL not in log.getvalue() + capsys.readouterr().err


def test_an_interrupt_by_the_operator_is_not_a_failure(log: Log) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert log.getvalue() == ""


def test_the_console_form_is_redacted_too() -> None:
    with logging_to(io.StringIO(), "console") as log:
        get_logger("service").warning("instance_rejected", code="truncated", patient=SENTINEL)

    assert "instance_rejected" in log.getvalue()
    assert "code=truncated" in log.getvalue()
    assert SENTINEL not in log.getvalue()
