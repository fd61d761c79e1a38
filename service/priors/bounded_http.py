"""HTTP to a source: its answers are bounded in bytes and time, and come from nowhere else."""

from collections.abc import Iterator
from typing import Any

import requests
from requests import PreparedRequest, Response

from service.errors import PeerError
from service.priors.patience import Deadline

_CHUNK_BYTES = 1 << 16
_REDIRECTS = range(300, 400)


class BoundedSession(requests.Session):
    """Reads whole answers, up to `maximum_bytes` and until the deadline.

    Takes no settings from its surroundings (proxies, .netrc), and follows no redirect: it would
    carry the Patient ID, and the key, elsewhere.
    """

    def __init__(self, deadline: Deadline, maximum_bytes: int) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["Accept-Encoding"] = "identity"
        self._deadline = deadline
        self._maximum_bytes = maximum_bytes

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # noqa: ANN401
        """Return the answer with its body read; raises PeerError."""
        self._deadline.check()
        options |= {"stream": True, "allow_redirects": False}
        options["timeout"] = self._deadline.seconds_left
        try:
            response = super().send(request, **options)
            with response:
                content = b"".join(self._body(response))
        except requests.Timeout as error:
            text = "the source did not answer in time"
            raise PeerError(text, code="peer_timeout") from error
        except requests.RequestException as error:
            text = "the source could not be reached"
            raise PeerError(text, code="peer_unreachable") from error
        if response.status_code in _REDIRECTS:
            raise PeerError("the source answered with a redirect", code="peer_redirect")
        response._content = content  # noqa: SLF001 - as Response.content does
        response._content_consumed = True  # noqa: SLF001
        return response

    def _body(self, response: Response) -> Iterator[bytes]:
        left = self._maximum_bytes
        for chunk in response.iter_content(_CHUNK_BYTES):
            self._deadline.check()
            left -= len(chunk)
            if left < 0:
                raise PeerError("the source's answer is too large", code="answer_too_large")
            yield chunk


def first_part(response: Response) -> bytes:
    """Return the first part of a multipart answer (PS3.18 8.6.1.2), or the whole of another.

    Raises PeerError (peer_nonsense) when it has no part.
    """
    content = response.content
    boundary = _boundary(response.headers.get("Content-Type", ""))
    if boundary is None:
        return content
    delimiter = b"--" + boundary
    _, found, rest = content.partition(delimiter)
    part, ended, _ = rest.partition(b"\r\n" + delimiter)
    _, blank, body = part.partition(b"\r\n\r\n")
    if not (found and ended and blank):
        raise PeerError("the source's answer has no part", code="peer_nonsense")
    return body


def _boundary(content_type: str) -> bytes | None:
    kind, *parameters = (each.strip() for each in content_type.split(";"))
    if not kind.lower().startswith("multipart/"):
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary":
            return value.strip().strip('"').encode("latin-1", errors="replace")
    return None
