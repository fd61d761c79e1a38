from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from service.errors import PeerError
from service.priors.bounded_http import first_part


def response(body: bytes, content_type: str) -> Response:
    made = Response()
    made.raw, made.status_code = BytesIO(body), 200
    made.headers["Content-Type"] = content_type
    return made


def multipart(*parts: bytes, boundary: str = "b") -> bytes:
    head = f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + part for part in parts) + f"\r\n--{boundary}--".encode()


@given(st.binary().filter(lambda content: b"\r\n--b" not in content))
def test_the_first_part_comes_out_as_it_went_in(content: bytes) -> None:
    body = multipart(content, b"another")

    assert first_part(response(body, "multipart/related; boundary=b")) == content


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/related; type="application/dicom"; boundary="b"',
        "Multipart/Related;BOUNDARY=b;type=x",
    ],
)
def test_the_boundary_is_found_however_it_is_written(content_type: str) -> None:
    assert first_part(response(multipart(b"film"), content_type)) == b"film"


def test_what_is_no_multipart_is_the_film_itself() -> None:
    assert first_part(response(b"film", "application/dicom")) == b"film"


@pytest.mark.parametrize("body", [b"", b"nothing", b"--b\r\nno end", b"--b--", multipart()])
def test_a_multipart_without_a_part_makes_no_sense(body: bytes) -> None:
    with pytest.raises(PeerError) as raised:
        first_part(response(body, "multipart/related; boundary=b"))
    assert raised.value.code == "peer_nonsense"
