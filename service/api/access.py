"""Who may use the API: holders of a key, or, where no key is set, this machine alone.

Settings refuse to bind beyond loopback without a key, so a server without keys is reachable from
this machine only. That still includes web pages in a browser here, so without keys the Host must
be this machine's (DNS rebinding) and a foreign Origin is refused (cross-site requests).
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from service.api.dependencies import ServicesDependency
from service.api.problems import Problem

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)
_bearer = HTTPBearer(auto_error=False)


def check_access(
    request: Request,
    services: ServicesDependency,
    key: Annotated[str | None, Security(_key_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> None:
    """Raise a 401 or 403 Problem unless the caller may use the API."""
    keys = services.settings.api_keys
    if not keys:
        _check_local(request)
    elif not is_one_of(key or (bearer.credentials if bearer else ""), keys):
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "key_required",
            "A valid key is needed, as X-API-Key or as Authorization: Bearer.",
            {"WWW-Authenticate": "Bearer"},
        )


def is_one_of(given: str, keys: Sequence[str]) -> bool:
    """Return whether `given` is a key, in a time that does not depend on how much of it is right.

    Hashes are compared, because compare_digest shows the length; every key is looked at.
    """
    digest = sha256(given.encode()).digest()
    matches = [hmac.compare_digest(digest, sha256(key.encode()).digest()) for key in keys]
    return any(matches)


def _check_local(request: Request) -> None:
    if request.url.hostname not in LOOPBACK_NAMES:
        raise Problem(
            HTTPStatus.FORBIDDEN, "foreign_host", "Without a key only this machine is served."
        )
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).hostname not in LOOPBACK_NAMES:
        raise Problem(
            HTTPStatus.FORBIDDEN, "foreign_origin", "Without a key no web page is served."
        )


AccessChecked = Depends(check_access)
