"""Takes request bodies to disk as they come in: capped, timed, never whole in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.api.problems import Problem
from service.api.upload import Upload

WRITE_BYTES = 256 * 1024

DICOM = "application/dicom"
FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, and how slow.

    A sender has `grace_seconds` and earns more with every byte, so that neither silence nor a drip
    holds a connection.
    """

    maximum_bytes: int
    grace_seconds: float = 30.0
    minimum_bytes_per_second: int = 10 * 1024

    def seconds_after(self, received: int) -> float:
        """Return how long after its start a request with so many bytes may still go on."""
        return self.grace_seconds + received / self.minimum_bytes_per_second


class Body(Protocol):
    """How the bytes of one media type become files."""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""

    def finish(self) -> None:
        """Make the files durable; raises a 400 Problem when the body is not complete."""


async def receive(request: Request, upload: Upload, limits: BodyLimits) -> None:
    """Write the request's body to `upload`: one file for a raw body, one per part of a form.

    Raises Problems: 413 body_too_large, too_many_files; 415 unsupported_media_type;
    400 malformed_form, empty_body; 408 body_too_slow; and OutOfResources when the disk is full.
    """
    _check_announced_length(request, limits.maximum_bytes)
    body = _body_of(request, upload)
    async for block in _blocks(request, limits):
        await run_in_threadpool(body.write, block)
    await run_in_threadpool(body.finish)


class RawBody:
    """The body is one instance."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._upload.begin_file()
        self._is_empty = True

    def write(self, data: bytes) -> None:
        """Append to the file."""
        self._is_empty = self._is_empty and not data
        self._upload.write(data)

    def finish(self) -> None:
        """Make the file durable."""
        if self._is_empty:
            raise _bad("empty_body", "The request holds no file.")
        self._upload.finish_file()


class FormBody:
    """Every part is an instance; names of parts and files are not read, for they may be a name."""

    def __init__(self, upload: Upload, boundary: bytes) -> None:
        self._upload = upload
        self._is_complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": upload.begin_file,
                "on_part_data": lambda data, start, end: upload.write(data[start:end]),
                "on_part_end": upload.finish_file,
                "on_end": self._complete,
            },
        )

    def write(self, data: bytes) -> None:
        """Parse the next bytes."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _malformed_form() from error

    def finish(self) -> None:
        """Check that the form had its end, and a file."""
        if not self._is_complete:
            raise _malformed_form()
        if not self._upload.files:
            raise _bad("empty_body", "The request holds no file.")

    def _complete(self) -> None:
        self._is_complete = True


def _body_of(request: Request, upload: Upload) -> Body:
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _unsupported("A compressed body is not taken.")
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type == DICOM.encode():
        return RawBody(upload)
    if media_type == FORM.encode() and b"boundary" in options:
        return _form_body(upload, options[b"boundary"])
    raise _unsupported(f"The body must be {DICOM}, or {FORM} with a boundary.")


def _form_body(upload: Upload, boundary: bytes) -> FormBody:
    try:
        return FormBody(upload, boundary)
    except FormParserError as error:
        raise _malformed_form() from error


async def _blocks(request: Request, limits: BodyLimits) -> AsyncIterator[bytes]:
    """Yield the body in blocks of at least WRITE_BYTES, the last one apart."""
    gathered, received = bytearray(), 0
    async for chunk in _timed(request.stream(), limits):
        received += len(chunk)
        if received > limits.maximum_bytes:
            raise _too_large(limits.maximum_bytes)
        gathered += chunk
        if len(gathered) >= WRITE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


async def _timed(chunks: AsyncIterator[bytes], limits: BodyLimits) -> AsyncIterator[bytes]:
    """Yield the chunks while they come at a fair rate; raises a 408 Problem when they do not."""
    started, received = asyncio.get_running_loop().time(), 0
    while (
        chunk := await _next_before(chunks, started + limits.seconds_after(received))
    ) is not None:
        received += len(chunk)
        yield chunk


async def _next_before(chunks: AsyncIterator[bytes], deadline: float) -> bytes | None:
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(chunks, None)
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT,
            "body_too_slow",
            "The body came too slowly.",
            {"Connection": "close"},
        ) from None


def _check_announced_length(request: Request, maximum_bytes: int) -> None:
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > maximum_bytes:
        raise _too_large(maximum_bytes)


def _too_large(maximum_bytes: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"A request may hold at most {maximum_bytes} bytes.",
        {"Connection": "close"},
    )


def _unsupported(detail: str) -> Problem:
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)


def _malformed_form() -> Problem:
    return _bad("malformed_form", "The form is not well-formed, or ends before its last boundary.")


def _bad(code: str, detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, code, detail)
