"""Bodies as they come over the wire, chunk by chunk."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from service.api.body import BodyLimits, receive
from service.api.problems import Problem
from service.api.upload import Upload

ROOMY = BodyLimits(maximum_bytes=1_000_000)
FORM = "multipart/form-data; boundary=limit"


def request_of(
    chunks: list[bytes], content_type: str, *, ends: bool = True, **headers: str
) -> Request:
    """Return a request whose body comes in these chunks; without `ends` it then falls silent."""
    pending = iter(chunks)

    async def next_message() -> Message:
        chunk = next(pending, None)
        if chunk is None and not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    fields = {"content-type": content_type, **headers}
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in fields.items()]
    receive_message: Callable[[], Awaitable[Message]] = next_message
    return Request({"type": "http", "method": "POST", "headers": raw}, receive_message)


def received(folder: Path, request: Request, limits: BodyLimits = ROOMY) -> list[bytes]:
    """Return the content of the files that the request made."""
    numbers = count()
    with Upload(lambda: folder / str(next(numbers))) as upload:
        asyncio.run(receive(request, upload, limits))
        return [file.path.read_bytes() for file in upload.files]


def form(*files: bytes) -> bytes:
    parts = (
        b'--limit\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n%b\r\n' % file
        for file in files
    )
    return b"".join(parts) + b"--limit--\r\n"


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def refusal(folder: Path, request: Request, limits: BodyLimits = ROOMY) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        received(folder, request, limits)
    assert not list(folder.iterdir()), "a refused body leaves no file"
    return refused.value.status, refused.value.code


def test_a_raw_body_is_one_file(tmp_path: Path) -> None:
    request = request_of([b"DI", b"", b"CM"], "application/dicom")

    assert received(tmp_path, request) == [b"DICM"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4), st.integers(1, 64))
def test_a_form_is_one_file_per_part_however_it_is_cut(
    tmp_path: Path, files: list[bytes], size: int
) -> None:
    request = request_of(pieces(form(*files), size), FORM)

    assert received(tmp_path, request) == files


def large_body() -> Iterator[bytes]:
    yield from (b"\0" * 100_000 for _ in range(11))


def test_a_body_over_the_cap_is_cut_off_though_no_length_was_announced(tmp_path: Path) -> None:
    request = request_of(list(large_body()), "application/dicom")

    assert refusal(tmp_path, request) == (413, "body_too_large")


def test_a_form_over_the_cap_is_cut_off(tmp_path: Path) -> None:
    request = request_of(pieces(form(*large_body()), 50_000), FORM)

    assert refusal(tmp_path, request) == (413, "body_too_large")


def test_a_body_of_the_very_size_of_the_cap_is_taken(tmp_path: Path) -> None:
    request = request_of([b"x" * 10], "application/dicom")

    assert received(tmp_path, request, BodyLimits(maximum_bytes=10)) == [b"x" * 10]


def test_an_announced_length_over_the_cap_is_refused_unread(tmp_path: Path) -> None:
    request = request_of([], "application/dicom", ends=False, content_length=str(4 << 30))

    assert refusal(tmp_path, request) == (413, "body_too_large")


@pytest.mark.parametrize("sent", [[], [b"half"]], ids=["nothing", "half"])
def test_a_body_that_stops_coming_is_given_up(tmp_path: Path, sent: list[bytes]) -> None:
    impatient = BodyLimits(maximum_bytes=1000, grace_seconds=0.05)
    request = request_of(sent, "application/dicom", ends=False)

    assert refusal(tmp_path, request, impatient) == (408, "body_too_slow")


def test_every_byte_earns_time() -> None:
    limits = BodyLimits(maximum_bytes=1 << 30, grace_seconds=30, minimum_bytes_per_second=1000)

    assert limits.seconds_after(0) == 30
    assert limits.seconds_after(60_000) == 30 + 60


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("", {}),
        ("application/octet-stream", {}),
        ("application/json", {}),
        ("application/zip", {}),
        ("multipart/related; boundary=limit", {}),
        ("multipart/form-data", {}),
        ("application/dicom", {"content_encoding": "gzip"}),
        (FORM, {"content_encoding": "br"}),
    ],
)
def test_other_media_types_and_compressed_bodies_are_refused(
    tmp_path: Path, content_type: str, headers: dict[str, str]
) -> None:
    request = request_of([b"x"], content_type, **headers)

    assert refusal(tmp_path, request) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"no boundary at all",
        b"--limit\r\nContent-Disposition: form-data\r\n\r\ncontent that never ends",
        b"--limit\r\nContent-Disposition: form-data\r\n\r\ncontent\r\n--limit\r\n",
        b"--limit\r\n" + b"A: b\r\n" * 1000 + b"\r\nx\r\n--limit--\r\n",
        b"--limit\r\n" + b"A" * 100_000,
        b"--other--\r\n",
    ],
    ids=["plain", "no end", "no last boundary", "many headers", "long header", "other boundary"],
)
def test_a_malformed_form_is_refused(tmp_path: Path, body: bytes) -> None:
    request = request_of(pieces(body, 50), FORM)

    assert refusal(tmp_path, request) == (400, "malformed_form")


def test_an_overlong_boundary_is_refused(tmp_path: Path) -> None:
    request = request_of([b"x"], f"multipart/form-data; boundary={'b' * 5000}")

    assert refusal(tmp_path, request) == (400, "malformed_form")


@pytest.mark.parametrize(
    ("content_type", "body"), [("application/dicom", b""), (FORM, b"--limit--\r\n")]
)
def test_an_empty_body_is_refused(tmp_path: Path, content_type: str, body: bytes) -> None:
    assert refusal(tmp_path, request_of([body], content_type))[0] == 400
